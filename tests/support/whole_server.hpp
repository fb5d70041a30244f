/// The real program as a child process on a free port, over a database of its own; speech comes
/// from an imposter that always hears the same words, so that no test waits for a recogniser.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/json.hpp"
#include "support/http_server.hpp"
#include "support/imposter.hpp"
#include "support/postgres.hpp"
#include "support/upload_form.hpp"

namespace hs::test {

/// Asks until `true` comes; false when `limit` has passed.
bool eventually(const std::function<bool()>& condition,
                std::chrono::seconds limit = std::chrono::seconds(20));

/// An OpenAI-compatible speech server. The left channel always holds the agent's words, any other
/// track the customer's; both tell the customer's name and number aloud.
class SpeechImposter {
public:
    SpeechImposter();

    /// From now on it is unsure of what it hears, and misses the agent's first and last line.
    void mumble();

    [[nodiscard]] std::string base_url() const { return imposter_.url() + "/v1"; }

    /// To script replies and to see what was asked.
    [[nodiscard]] Imposter& imposter() { return imposter_; }

private:
    Imposter imposter_;
};

class WholeServer {
public:
    using Settings = std::map<std::string, std::string>;

    /// Starts the program and waits until it listens.
    explicit WholeServer(const SpeechImposter& speech,
                         Settings settings = {},
                         std::string command = "all");
    ~WholeServer();
    WholeServer(const WholeServer&) = delete;
    WholeServer& operator=(const WholeServer&) = delete;

    void start();
    void kill(); ///< kill -9, as a crash would

    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

    [[nodiscard]] const TestDatabase& database() const { return database_; }

    [[nodiscard]] const std::filesystem::path& data_dir() const { return folder_; }

    struct CommandResult {
        int status = -1;
        std::string output; // both streams
    };

    /// Another command of the program, with the same settings, beside the running one.
    [[nodiscard]] CommandResult run(std::vector<std::string> arguments) const;

    /// All lines of all runs so far.
    [[nodiscard]] std::string log() const;

    /// "GET /x" with the right Host and `headers` ("A: b\r\n…"). The reply is checked against
    /// api/openapi.yaml: what is not promised there fails the test.
    [[nodiscard]] HttpReply
    ask(std::string_view line, std::string_view headers = "", std::string_view body = "") const;
    /// The exact bytes of such a request.
    [[nodiscard]] std::string
    request(std::string_view line, std::string_view headers, std::string_view body) const;
    [[nodiscard]] HttpReply post_json(std::string_view path, std::string_view body) const;
    [[nodiscard]] HttpReply upload(const UploadForm& form, std::string_view headers = "") const;
    /// Status of the call once it is analysed or has failed, or what it was when patience ended.
    [[nodiscard]] std::string settled(const std::string& call_id) const;

private:
    [[nodiscard]] bool find_port(std::size_t log_from);
    void end(int signal);

    TestDatabase database_;
    std::filesystem::path folder_;
    Settings settings_;
    std::string command_;
    pid_t child_ = -1;
    std::uint16_t port_ = 0;
};

/// Body of a reply; null when it is no JSON.
[[nodiscard]] json::value json_of(const HttpReply& reply);

} // namespace hs::test
