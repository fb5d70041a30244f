#include <algorithm>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "base/files.hpp"
#include "base/http_client.hpp"
#include "base/json.hpp"

namespace hs::app {

namespace {

constexpr const char* usage = "usage: hacksmart ingest --agent ID --city NAME --issue CATEGORY "
                              "[--server URL] [--wait SECONDS]\n"
                              "                        [--field NAME=VALUE]… FILE…\n\n"
                              "Uploads recordings to a running server (default "
                              "http://127.0.0.1:8080), prints one JSON reply a\n"
                              "file. The file's hash is its Idempotency-Key, so a repeated upload "
                              "is answered, not doubled.\n";

struct Upload {
    std::string server = "http://127.0.0.1:8080";
    std::string wait;
    std::vector<HttpFormPart> fields;
    std::vector<std::string> files;
    bool valid = true;
};

Upload read_arguments(std::span<const std::string> args) {
    Upload upload;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const auto& arg = args[i];
        if (!arg.starts_with("--")) {
            upload.files.push_back(arg);
            continue;
        }
        if (i + 1 >= args.size()) {
            upload.valid = false;
            break;
        }
        const auto& value = args[++i];
        const auto add = [&](std::string name, std::string text) {
            upload.fields.push_back({std::move(name), std::move(text), "", ""});
        };
        if (arg == "--agent")
            add("agent_identifier", value);
        else if (arg == "--city")
            add("city_identifier", value);
        else if (arg == "--issue")
            add("issue_category", value);
        else if (arg == "--server")
            upload.server = value;
        else if (arg == "--wait")
            upload.wait = value;
        else if (arg == "--field" && value.find('=') != std::string::npos)
            add(value.substr(0, value.find('=')), value.substr(value.find('=') + 1));
        else
            upload.valid = false;
    }
    return upload;
}

Task<bool> send_file(HttpClient& client, const Upload& upload, std::string file) {
    auto content = read_file(file);
    if (!content) {
        fmt::print(stderr, "{}: {}\n", file, content.error().message);
        co_return false;
    }
    OutboundRequest request;
    request.method = "POST";
    request.url = upload.server + "/ingest/call";
    request.allow_private = true;
    std::string identity = *content;
    for (const auto& field : upload.fields)
        identity += "\n" + field.name + "=" + field.content;
    request.headers.emplace_back("Idempotency-Key", sha256_hex(identity));
    if (!upload.wait.empty()) request.headers.emplace_back("Prefer", "wait=" + upload.wait);
    request.form = upload.fields;
    const auto name = std::filesystem::path(file).filename().string();
    request.form.push_back({"file", *std::move(content), name, "application/octet-stream"});
    const auto reply = co_await client.send(std::move(request));
    if (!reply) {
        fmt::print(stderr, "{}: {}\n", file, reply.error().message);
        co_return false;
    }
    fmt::print("{}\n", reply->body);
    co_return reply->status == 201;
}

} // namespace

int ingest_command(std::span<const std::string> args) {
    const auto upload = read_arguments(args);
    if (!upload.valid || upload.files.empty()) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    HttpClient client;
    bool all_sent = true;
    for (const auto& file : upload.files) {
        boost::asio::io_context context;
        auto sent = boost::asio::co_spawn(
            context, send_file(client, upload, file), boost::asio::use_future);
        context.run();
        all_sent = sent.get() && all_sent;
    }
    return all_sent ? 0 : 1;
}

} // namespace hs::app
