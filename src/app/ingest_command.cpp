#include <algorithm>
#include <charconv>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/upload_list.hpp"
#include "base/files.hpp"
#include "base/http_client.hpp"
#include "base/json.hpp"

namespace hs::app {

namespace {

namespace asio = boost::asio;

constexpr const char* usage =
    "usage: hacksmart ingest [--agent ID] [--city NAME] [--issue CATEGORY] [--field NAME=VALUE]…\n"
    "                        [--server URL] [--wait SECONDS] [--parallel N] [--resume FILE]\n"
    "                        FILE|FOLDER|MANIFEST…\n\n"
    "Uploads recordings to a running server (default http://127.0.0.1:8080), prints one JSON "
    "reply\n"
    "a file. A manifest is .csv (with a header), .json (a list), .ndjson or .jsonl: its column\n"
    "\"file\" names the recording, the others are fields. In a folder, FILE.json beside a "
    "recording\n"
    "holds its fields. Hash of file and fields is the Idempotency-Key, so a repeated upload is\n"
    "answered, not doubled; --resume keeps what is done in a file and leaves it out the next "
    "time.\n";

constexpr int most_attempts = 6;
constexpr std::chrono::seconds longest_pause{60};

struct Plan {
    std::string server = "http://127.0.0.1:8080";
    std::string wait;
    std::string resume;
    int parallel = 1;
    FormFields fields;
    std::vector<std::string> operands;
    bool valid = true;
};

Plan read_arguments(std::span<const std::string> args) {
    Plan plan;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const auto& arg = args[i];
        if (!arg.starts_with("--")) {
            plan.operands.push_back(arg);
            continue;
        }
        if (i + 1 >= args.size()) {
            plan.valid = false;
            break;
        }
        const auto& value = args[++i];
        const auto equals = value.find('=');
        if (arg == "--agent") {
            plan.fields.emplace_back("agent_identifier", value);
        } else if (arg == "--city") {
            plan.fields.emplace_back("city_identifier", value);
        } else if (arg == "--issue") {
            plan.fields.emplace_back("issue_category", value);
        } else if (arg == "--server") {
            plan.server = value;
        } else if (arg == "--wait") {
            plan.wait = value;
        } else if (arg == "--resume") {
            plan.resume = value;
        } else if (arg == "--parallel") {
            const auto [end, trouble] =
                std::from_chars(value.data(), value.data() + value.size(), plan.parallel);
            plan.valid = plan.valid && trouble == std::errc() &&
                         end == value.data() + value.size() && plan.parallel >= 1 &&
                         plan.parallel <= 64;
        } else if (arg == "--field" && equals != std::string::npos) {
            plan.fields.emplace_back(value.substr(0, equals), value.substr(equals + 1));
        } else {
            plan.valid = false;
        }
    }
    return plan;
}

/// How far all uploads together are: a line on a terminal, nothing elsewhere.
class Progress {
public:
    explicit Progress(std::size_t all) : all_(all), shown_(::isatty(STDERR_FILENO) == 1) {}

    ~Progress() {
        if (shown_ && all_ > 0) fmt::print(stderr, "\n");
    }

    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void count(bool good) {
        ++done_;
        refused_ += good ? 0 : 1;
        show();
    }

    void leave_out() {
        ++done_;
        ++left_out_;
    }

    [[nodiscard]] std::size_t refused() const { return refused_; }

    [[nodiscard]] std::size_t left_out() const { return left_out_; }

    void show() const {
        if (!shown_ || all_ == 0) return;
        constexpr std::size_t width = 30;
        const auto full = width * done_ / all_;
        fmt::print(stderr,
                   "\r[{}{}] {}/{}, {} refused ",
                   std::string(full, '#'),
                   std::string(width - full, '.'),
                   done_,
                   all_,
                   refused_);
        std::fflush(stderr);
    }

private:
    std::size_t all_;
    bool shown_;
    std::size_t done_ = 0;
    std::size_t refused_ = 0;
    std::size_t left_out_ = 0;
};

/// One run of the command; its uploads share it, on one thread.
struct Run {
    const Plan& plan;
    std::vector<PlannedUpload> uploads;
    UploadJournal journal;
    Progress progress;
    HttpClient& client;
    std::size_t next = 0;
};

OutboundRequest request_of(const Run& run, const PlannedUpload& upload, std::string content) {
    OutboundRequest request;
    request.method = "POST";
    request.url = run.plan.server + "/ingest/call";
    request.allow_private = true;
    if (!run.plan.wait.empty()) request.headers.emplace_back("Prefer", "wait=" + run.plan.wait);
    for (const auto& [name, value] : upload.fields)
        request.form.push_back({name, value, "", ""});
    request.form.push_back(
        {"file", std::move(content), upload.file.filename().string(), "application/octet-stream"});
    return request;
}

std::string key_of(const PlannedUpload& upload, const std::string& content) {
    std::string identity = content;
    for (const auto& [name, value] : upload.fields)
        identity += "\n" + name + "=" + value;
    return sha256_hex(identity);
}

/// Seconds to wait before the next attempt; nothing when another one cannot help.
std::optional<std::chrono::seconds> pause_after(const Result<InboundReply>& reply, int attempt) {
    if (attempt >= most_attempts) return std::nullopt;
    const bool again = reply ? reply->status == 429 || reply->status == 503
                             : reply.error().kind == ErrorKind::unavailable;
    if (!again) return std::nullopt;
    int seconds = 1 << (attempt - 1);
    const auto told = reply ? reply->header("retry-after").value_or("") : std::string();
    std::from_chars(told.data(), told.data() + told.size(), seconds);
    return std::clamp(std::chrono::seconds(seconds), std::chrono::seconds(1), longest_pause);
}

Task<Result<InboundReply>>
send_patiently(Run& run, const PlannedUpload& upload, std::string content) {
    const auto key = key_of(upload, content);
    for (int attempt = 1;; ++attempt) {
        auto request = request_of(run, upload, content);
        request.headers.emplace_back("Idempotency-Key", key);
        auto reply = co_await run.client.send(std::move(request));
        const auto pause = pause_after(reply, attempt);
        if (!pause) co_return reply;
        asio::steady_timer timer(co_await asio::this_coro::executor, *pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

Task<void> send_one(Run& run, const PlannedUpload& upload) {
    auto content = read_file(upload.file);
    if (!content) {
        fmt::print(stderr, "{}: {}\n", upload.file.string(), content.error().message);
        run.progress.count(false);
        co_return;
    }
    const auto key = key_of(upload, *content);
    if (run.journal.holds(key)) {
        run.progress.leave_out();
        co_return;
    }
    const auto reply = co_await send_patiently(run, upload, *std::move(content));
    const bool good = reply && reply->status == 201;
    if (reply) {
        fmt::print("{}\n", reply->body);
    } else {
        fmt::print(stderr, "{}: {}\n", upload.file.string(), reply.error().message);
    }
    if (reply && !good) fmt::print(stderr, "{}: refused\n", upload.file.string());
    if (good) {
        const json::object entry{{"key", key}, {"file", upload.file.string()}};
        const auto kept = run.journal.add(key, json::serialize(entry));
        if (!kept) fmt::print(stderr, "{}\n", kept.error().message);
    }
    run.progress.count(good);
}

/// One of several that take the next upload in turn.
Task<void> send_in_turn(Run& run) {
    while (run.next < run.uploads.size()) {
        const auto& upload = run.uploads[run.next++];
        co_await send_one(run, upload);
    }
}

} // namespace

int ingest_command(std::span<const std::string> args) {
    const auto plan = read_arguments(args);
    if (!plan.valid || plan.operands.empty()) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    auto uploads = plan_uploads(plan.operands, plan.fields);
    auto journal = UploadJournal::open(plan.resume);
    if (!uploads || !journal) {
        fmt::print(stderr,
                   "hacksmart ingest: {}\n",
                   uploads ? journal.error().message : uploads.error().message);
        return 2;
    }
    HttpClient client;
    const auto count = uploads->size();
    Run run{plan, *std::move(uploads), *std::move(journal), Progress(count), client};
    asio::io_context context;
    std::vector<std::future<void>> senders;
    for (int i = 0; i < plan.parallel; ++i)
        senders.push_back(asio::co_spawn(context, send_in_turn(run), asio::use_future));
    run.progress.show();
    context.run();
    for (auto& sender : senders)
        sender.get();
    if (run.progress.left_out() > 0)
        fmt::print(stderr, "{} of {} were uploaded before\n", run.progress.left_out(), count);
    return run.progress.refused() == 0 ? 0 : 1;
}

} // namespace hs::app
