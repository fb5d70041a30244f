/// Words and idioms with their weights: what a caller's words say about how the call is going.
///
/// Own lists (scorecards/lexicon/*.yaml) in English, Hindi and roman Hindi. Immutable after
/// loading.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.hpp"

namespace hs::analysis {

class Lexicon {
public:
    /// Reads every *.yaml of `folder`, in order of name.
    /// Errors: not_found "lexicon.missing", invalid "lexicon.invalid" with file:line: message.
    [[nodiscard]] static Result<Lexicon> load(const std::filesystem::path& folder);
    Lexicon(Lexicon&&) noexcept;
    Lexicon& operator=(Lexicon&&) noexcept;
    ~Lexicon();

    [[nodiscard]] const std::string& hash() const; ///< SHA-256 of the files, hex
    [[nodiscard]] std::size_t word_count() const;
    [[nodiscard]] std::size_t idiom_count() const;

    struct Index; // lexicon_index.hpp, for judge_sentiment

    [[nodiscard]] const Index& index() const { return *index_; }

private:
    explicit Lexicon(std::unique_ptr<Index> index);
    std::unique_ptr<Index> index_;
};

} // namespace hs::analysis
