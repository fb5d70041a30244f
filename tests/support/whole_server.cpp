#include "support/whole_server.hpp"

#include <array>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"
#include "support/contract.hpp"

namespace hs::test {

namespace {

using namespace std::chrono_literals;

struct Line {
    double start;
    double end;
    std::string_view text;
};

constexpr std::array agent_lines{
    Line{0.5,
         5.5,
         "Good morning, thank you for calling Swift Volt, this is Ritika speaking, how may I help "
         "you?"},
    Line{13.0,
         18.0,
         "I am sorry for the trouble. May I have your name and registered mobile number please?"},
    Line{28.0,
         36.0,
         "Thank you for waiting. Your refund of 150 rupees will be credited within 5 to 7 working "
         "days."},
    Line{41.0,
         47.0,
         "Is there anything else I can help you with? Thank you for calling Swift Volt, have a "
         "nice day."},
};
constexpr std::array customer_lines{
    Line{6.0,
         12.0,
         "My battery swap failed at the station and the money was deducted. I am very upset."},
    Line{19.0,
         27.0,
         "This is Zebulon Quaverley, my number is nine eight one two three four five six seven "
         "zero, that is 97004 12863."},
    Line{37.0, 40.0, "Okay, thank you, that is fine now."},
};

json::object word_of(std::string_view text, double start, double end, double confidence) {
    return {{"word", text}, {"start", start}, {"end", end}, {"probability", confidence}};
}

/// verbose_json: every word of a line gets an equal share of its time.
std::string spoken(std::span<const Line> lines, double confidence = 0.95) {
    json::array words;
    json::array segments;
    std::string text;
    for (const auto& line : lines) {
        const auto parts = split(line.text, ' ');
        const double share = (line.end - line.start) / static_cast<double>(parts.size());
        json::array own;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const double start = line.start + share * static_cast<double>(i);
            own.push_back(word_of(parts[i], start, start + share * 0.9, confidence));
        }
        for (const auto& word : own)
            words.push_back(word);
        segments.push_back(json::object{{"id", segments.size()},
                                        {"start", line.start},
                                        {"end", line.end},
                                        {"text", line.text},
                                        {"avg_logprob", std::log(confidence)},
                                        {"no_speech_prob", 0.01},
                                        {"words", std::move(own)}});
        text += std::string(text.empty() ? "" : " ") + std::string(line.text);
    }
    return json::serialize(json::object{{"task", "transcribe"},
                                        {"language", "english"},
                                        {"duration", lines.back().end},
                                        {"text", text},
                                        {"words", std::move(words)},
                                        {"segments", std::move(segments)}});
}

/// Keeps PATH and the like out of it: the child sees only what the test sets.
std::vector<std::string> environment_lines(const WholeServer::Settings& settings) {
    std::vector<std::string> lines;
    for (const auto* name : {"PATH", "LD_LIBRARY_PATH", "TMPDIR"})
        if (const char* value = std::getenv(name))
            lines.push_back(fmt::format("{}={}", name, value));
    for (const auto& [name, value] : settings)
        lines.push_back(name + "=" + value);
    return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

/// The program as a child of ours, writing to `output`.
pid_t spawn_program(std::vector<std::string> arguments,
                    const WholeServer::Settings& settings,
                    int output) {
    const std::string program = std::string(HS_BINARY_DIR) + "/hacksmart";
    arguments.insert(arguments.begin(), "hacksmart");
    auto lines = environment_lines(settings);
    const auto argv = pointers_to(arguments);
    const auto environment = pointers_to(lines);
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child > 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDERR_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::execve(program.c_str(), argv.data(), environment.data());
    ::_exit(127);
}

} // namespace

bool eventually(const std::function<bool()>& condition, std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

SpeechImposter::SpeechImposter() {
    imposter_.otherwise([](const ImposterRequest& request) {
        const bool left = request.body.find("filename=\"ch0.wav\"") != std::string::npos;
        ImposterReply reply;
        reply.headers = {{"Content-Type", "application/json"}};
        reply.body = left ? spoken(agent_lines) : spoken(customer_lines);
        return reply;
    });
}

void SpeechImposter::mumble() {
    imposter_.otherwise([](const ImposterRequest& request) {
        const bool left = request.body.find("filename=\"ch0.wav\"") != std::string::npos;
        const std::span agent(agent_lines);
        ImposterReply reply;
        reply.headers = {{"Content-Type", "application/json"}};
        reply.body = left ? spoken(agent.subspan(1, 2), 0.5) : spoken(customer_lines, 0.5);
        return reply;
    });
}

WholeServer::WholeServer(const SpeechImposter& speech, Settings settings, std::string command)
    : settings_(std::move(settings)), command_(std::move(command)) {
    std::string folder = std::filesystem::temp_directory_path() / "hs-whole-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = folder;
    // A private PostgreSQL runs as another user when we are root, and has to get to its own folder.
    std::filesystem::permissions(
        folder_, std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
    const Settings own{{"LISTEN", "127.0.0.1:0"},
                       {"DATA_DIR", folder_ / "data"},
                       {"DATABASE_URL", database_.url()},
                       {"WORKER_CONCURRENCY", "1"},
                       {"LEAST_FREE_PERCENT", "0"},
                       {"STT_ENGINE", "openai"},
                       {"STT_BASE_URL", speech.base_url()},
                       {"STT_ALLOW_PRIVATE", "true"},
                       {"STT_MODEL", "whisper-1"}};
    settings_.insert(own.begin(), own.end());
    start();
}

WholeServer::~WholeServer() {
    end(SIGTERM);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void WholeServer::start() {
    const auto log_from = log().size();
    const Fd log_file(
        ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    child_ = spawn_program({command_}, settings_, log_file.get());
    if (!eventually([&] { return find_port(log_from); })) {
        const auto said = log();
        end(SIGKILL);
        throw std::runtime_error("the program did not start: " + said);
    }
}

WholeServer::CommandResult WholeServer::run(std::vector<std::string> arguments) const {
    const auto path = folder_ / "command";
    const Fd output(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    const pid_t child = spawn_program(std::move(arguments), settings_, output.get());
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(path).value_or("")};
}

bool WholeServer::find_port(std::size_t log_from) {
    const auto text = log();
    const auto lines = std::string_view(text).substr(log_from);
    for (const auto line : split(lines, '\n')) {
        if (line.find("server.started") == std::string_view::npos) continue;
        const auto at = line.find("http://127.0.0.1:");
        if (at == std::string_view::npos) return false;
        port_ = static_cast<std::uint16_t>(std::atoi(std::string(line.substr(at + 17, 5)).c_str()));
        return port_ != 0;
    }
    return false;
}

void WholeServer::kill() {
    end(SIGKILL);
}

void WholeServer::end(int signal) {
    if (child_ <= 0) return;
    ::kill(child_, signal);
    const auto gone = [this] { return ::waitpid(child_, nullptr, WNOHANG) != 0; };
    if (!eventually(gone, 10s)) {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    child_ = -1;
}

std::string WholeServer::log() const {
    return read_file(folder_ / "log").value_or("");
}

std::string
WholeServer::request(std::string_view line, std::string_view headers, std::string_view body) const {
    std::string text(line);
    text += " HTTP/1.1\r\n";
    if (headers.find("Host:") == std::string_view::npos) text += "Host: " + host() + "\r\n";
    text += headers;
    if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
    return text + "\r\n" + std::string(body);
}

HttpReply
WholeServer::ask(std::string_view line, std::string_view headers, std::string_view body) const {
    HttpClient client(port_);
    client.send(request(line, headers, body));
    auto reply = client.read_reply(line.starts_with("HEAD")).value_or(HttpReply{});
    check_reply(line, reply);
    return reply;
}

HttpReply WholeServer::post_json(std::string_view path, std::string_view body) const {
    return ask(fmt::format("POST {}", path), "Content-Type: application/json\r\n", body);
}

HttpReply WholeServer::upload(const UploadForm& form, std::string_view headers) const {
    return ask("POST /ingest/call", UploadForm::content_type() + std::string(headers), form.body());
}

std::string WholeServer::settled(const std::string& call_id) const {
    std::string status;
    eventually([&] {
        const auto body = json_of(ask("GET /api/calls/" + call_id + "/status"));
        if (!body.is_object() || !body.as_object().contains("processing_status")) return true;
        status = body.at("processing_status").as_string();
        return status == "analyzed" || status == "failed";
    });
    return status;
}

json::value json_of(const HttpReply& reply) {
    return parse_json(reply.body).value_or(json::value());
}

} // namespace hs::test
