/// One running hacksmart-sphinx and the talk with it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/child_process.hpp"
#include "base/error.hpp"
#include "providers/stt/sphinx/protocol.hpp"

namespace hs::providers {

/// How long a caller is willing to wait.
struct Patience {
    std::stop_token stop;
    std::stop_token closing;
    std::chrono::steady_clock::time_point deadline;
};

class SphinxChild {
public:
    struct Item { // a word or a spotted phrase
        sphinx::Message kind;
        sphinx::WordHeader at;
        std::string text;
    };

    struct Answer {
        std::vector<Item> items;
        std::string text; // of `done`
    };

    /// Starts the program and waits until its models are loaded.
    /// Errors: unavailable "speech.engine_unavailable", and those of ask().
    [[nodiscard]] static Result<std::unique_ptr<SphinxChild>>
    start(const std::filesystem::path& program,
          const std::filesystem::path& models,
          const Patience& patience);
    ~SphinxChild() = default; ///< kills it
    SphinxChild(const SphinxChild&) = delete;
    SphinxChild& operator=(const SphinxChild&) = delete;

    /// Blocks until the answer is complete; looks at the stop token ten times a second.
    /// After an error the child is of no further use. Errors: unavailable "speech.stopped",
    /// "speech.too_slow", "speech.engine_crashed".
    [[nodiscard]] Result<Answer>
    ask(sphinx::Message kind, std::string_view body, const Patience& patience);

    /// False when it has gone: it leaves by itself after a while without work.
    [[nodiscard]] bool alive() const;

    [[nodiscard]] const std::string& version() const { return version_; }

    [[nodiscard]] pid_t pid() const { return process_.pid(); }

    std::string vocabulary; // what it was last told
    int jobs = 0;           // how many tracks it has heard

private:
    explicit SphinxChild(ChildProcess process) : process_(std::move(process)) {}

    [[nodiscard]] Result<void> send(std::string_view bytes, const Patience& patience);
    [[nodiscard]] Result<void> receive(char* out, std::size_t size, const Patience& patience);
    [[nodiscard]] Result<void> wait_for(short events, const Patience& patience);
    [[nodiscard]] Result<Answer> read_answer(const Patience& patience);

    ChildProcess process_;
    std::string version_;
};

} // namespace hs::providers
