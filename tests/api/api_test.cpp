#include "api/api_test.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "support/contract.hpp"

namespace hs::test {

namespace {

struct Shared {
    explicit Shared(std::string command) : server(speech, {}, std::move(command)) {}

    SpeechImposter speech;
    WholeServer server;
    std::string agent = add_directory(server);
};

std::unique_ptr<Shared> everything;
std::unique_ptr<Shared> front;

class EndShared final : public ::testing::Environment {
    void TearDown() override {
        everything.reset();
        front.reset();
        if (::testing::GTEST_FLAG(filter) != "*") return; // a part of the tests proves a part
        for (const auto& operation : operations_never_answered())
            ADD_FAILURE() << "no test got a successful reply from: " << operation;
    }
};

[[maybe_unused]] const auto* const registered =
    ::testing::AddGlobalTestEnvironment(new EndShared); // NOLINT: gtest owns it

Shared& running(std::unique_ptr<Shared>& shared, const char* command) {
    if (!shared) shared = std::make_unique<Shared>(command);
    return *shared;
}

} // namespace

WholeServer& ApiTest::server() {
    return running(everything, "all").server;
}

WholeServer& UploadTest::server() {
    return running(front, "serve").server;
}

const std::string& UploadTest::agent_id() {
    return running(front, "serve").agent;
}

UploadForm ApiTest::form() {
    static std::uint32_t seed = 100; // same noise in every run, other noise in every form
    UploadForm form;
    form.fields = {{"agent_identifier", "EMP-7"},
                   {"issue_category", "Battery Swap Failure"},
                   {"city_identifier", "Gurugram"}};
    // In bursts like syllables: steady noise is no speech, and the form would be flagged silent.
    auto sound = noise(2000, 0.2, ++seed);
    constexpr std::size_t burst = 4800;
    for (std::size_t i = 0; i < sound.size(); ++i) {
        if (i % (burst + 1600) >= burst) sound[i] = 0;
    }
    form.file = wav_of(sound);
    return form;
}

const std::string& ApiTest::analysed_call() {
    static const std::string id = [] {
        auto form = ApiTest::form();
        form.set("customer_name", customer_name).set("customer_phone", "097004 12863");
        form.set("agent_manual_note", "Asked for a call back.")
            .set("metadata", R"({"queue":"north"})");
        form.set("external_id", "ticket-1").set("call_context", "follow_up");
        form.file = corpus_bytes("calls/c01_perfect_swap.mp3");
        form.filename = "pickup-0412.mp3";
        const auto reply = server().upload(form);
        auto call = call_id_of(reply);
        if (const auto status = server().settled(call); status != "analyzed")
            throw std::runtime_error("call ended as " + status + "; " + reply.body +
                                     server().log());
        return call;
    }();
    return id;
}

std::string add_directory(const WholeServer& server) {
    const auto added = [](const HttpReply& reply) {
        if (reply.status != 201) throw std::runtime_error("directory: " + reply.body);
        return json_of(reply);
    };
    added(server.post_json("/api/agents", R"({"name":"Asha Rao","employee_id":"EMP-1"})"));
    added(server.post_json("/api/agents", R"({"name":"Asha Rao","employee_id":"EMP-2"})"));
    added(server.post_json("/api/cities",
                           R"({"name":"Gurugram","state":"Haryana","aliases":["Gurgaon"]})"));
    const auto agent = added(server.post_json(
        "/api/agents", R"({"name":"Ritika Shah","employee_id":"EMP-7","languages":["Hindi"]})"));
    return std::string(agent.at("id").as_string());
}

std::string refusal(const HttpReply& reply) {
    const auto body = json_of(reply);
    if (!body.is_object() || !body.as_object().contains("code"))
        return fmt::format("{} {}", reply.status, reply.body);
    const auto* type = "application/problem+json";
    if (reply.header("content-type") != type) return "not " + std::string(type);
    return fmt::format("{} {}", reply.status, std::string(body.at("code").as_string()));
}

std::vector<std::string> field_faults(const HttpReply& reply) {
    std::vector<std::string> out;
    const auto body = json_of(reply);
    if (!body.is_object() || !body.as_object().contains("errors")) return out;
    for (const auto& entry : body.at("errors").as_array())
        out.push_back(std::string(entry.at("field").as_string()) + ": " +
                      std::string(entry.at("code").as_string()));
    return out;
}

std::string call_id_of(const HttpReply& reply) {
    const auto body = json_of(reply);
    if (!body.is_object() || !body.as_object().contains("call_id")) return "";
    return std::string(body.at("call_id").as_string());
}

std::string corpus_bytes(const std::string& name) {
    return read_file(corpus(name)).value();
}

std::string with_part(std::string body,
                      std::string_view name,
                      std::string_view content,
                      std::string_view filename) {
    const auto end = "--" + std::string(UploadForm::boundary) + "--\r\n";
    body.resize(body.size() - end.size());
    const auto file = filename.empty() ? std::string() : fmt::format("; filename=\"{}\"", filename);
    body += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"{}\r\n\r\n{}\r\n",
                        UploadForm::boundary,
                        name,
                        file,
                        content);
    return body + end;
}

} // namespace hs::test
