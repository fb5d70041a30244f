/// The few hacksmart-sphinx children that are kept loaded between calls.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "providers/stt/sphinx_child.hpp"

namespace hs::providers {

class SphinxPool {
public:
    SphinxPool(std::filesystem::path program, std::filesystem::path models, int jobs_per_child)
        : program_(std::move(program)), models_(std::move(models)),
          jobs_per_child_(jobs_per_child) {}

    /// An idle child, preferably one that knows `vocabulary` already, or a new one. Blocking.
    [[nodiscard]] Result<std::unique_ptr<SphinxChild>> take(const std::string& vocabulary,
                                                            const Patience& patience);

    /// Gives a child back after a track that went well; a worn one is ended. A child that failed
    /// is simply dropped instead.
    void give_back(std::unique_ptr<SphinxChild> child);

    /// Process ids of the idle children.
    [[nodiscard]] std::vector<pid_t> idle() const;

private:
    std::filesystem::path program_;
    std::filesystem::path models_;
    int jobs_per_child_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<SphinxChild>> idle_;
};

} // namespace hs::providers
