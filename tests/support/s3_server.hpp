/// The suite's own S3 server (s3_server.py) as a child that dies with the test.
///
/// Header only, so that a folder's own tests can use it without linking the whole program.
#pragma once

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/blocking_http.hpp"
#include "base/json.hpp"

namespace hs::test {

class S3Server {
public:
    explicit S3Server(std::vector<std::string> options = {}) {
        int output[2];
        if (::pipe2(input_, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        posix_spawn_file_actions_t actions{};
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, input_[0], 0);
        posix_spawn_file_actions_adddup2(&actions, output[1], 1);
        options.insert(options.begin(), {"python3", HS_SOURCE_DIR "/tests/support/s3_server.py"});
        std::vector<char*> arguments;
        for (auto& option : options)
            arguments.push_back(option.data());
        arguments.push_back(nullptr);
        const int failed =
            ::posix_spawnp(&child_, "python3", &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(input_[0]);
        ::close(output[1]);
        std::string line;
        char c = 0;
        while (failed == 0 && ::read(output[0], &c, 1) == 1 && c != '\n')
            line += c;
        ::close(output[0]);
        if (line.empty()) throw std::runtime_error("the S3 server does not start");
        port_ = line;
    }

    S3Server(const S3Server&) = delete;
    S3Server& operator=(const S3Server&) = delete;

    ~S3Server() {
        ::close(input_[1]);
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }

    [[nodiscard]] std::string endpoint() const { return "http://127.0.0.1:" + port_; }

    [[nodiscard]] const std::string& port() const { return port_; }

    /// The next `count` requests of `method` ("" any) whose path holds `key` meet this mood:
    /// slow_down, internal, full, expired_token, hang, cut, wrong_bytes, lose_reply.
    void mood(const std::string& name,
              int count,
              const std::string& method = {},
              const std::string& key = {}) {
        json::object asked{{"mood", name}, {"count", count}, {"key", key}};
        if (!method.empty()) asked["method"] = method;
        control("POST", json::serialize(asked));
    }

    /// Changes a byte of an object behind everybody's back.
    void corrupt(const std::string& key) {
        control("POST", json::serialize(json::object{{"corrupt", key}}));
    }

    /// Takes an object away behind everybody's back.
    void remove(const std::string& key) {
        control("POST", json::serialize(json::object{{"remove", key}}));
    }

    /// Ends all moods.
    void calm() { control("POST", R"({"calm": true})"); }

    /// {"requests": [...], "objects": {key: {bytes, meta, versions, text, parts}}, "uploads": n}
    [[nodiscard]] json::object report() { return parse_json(control("GET", ""))->as_object(); }

    [[nodiscard]] std::size_t requests_of(const std::string& method) {
        std::size_t count = 0;
        const auto now = report();
        for (const auto& request : now.at("requests").as_array())
            count += request.at("method").as_string() == method ? 1 : 0;
        return count;
    }

private:
    std::string control(const std::string& method, std::string body) {
        OutboundRequest request;
        request.method = method;
        request.url = endpoint() + "/_control";
        request.body = std::move(body);
        request.allow_private = true;
        request.max_reply_bytes = 64U << 20U;
        const auto reply = http_.send(std::move(request));
        if (!reply || reply->status != 200) throw std::runtime_error("the S3 server is gone");
        return reply->body;
    }

    int input_[2] = {-1, -1};
    pid_t child_ = -1;
    std::string port_;
    BlockingHttp http_;
};

} // namespace hs::test
