/// Versions of scorecards at work: which one judges a call, and the judges made of them.
///
/// What is in force is asked for each evaluation anew, and the judge found is kept for the whole of
/// it: an activation counts from the next evaluation on, in every process, and never in the middle.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "analysis/judge.hpp"
#include "base/cpu_pool.hpp"
#include "base/log.hpp"
#include "pg/database.hpp"
#include "store/scorecards.hpp"

namespace hs::pipeline {

using JudgePtr = std::shared_ptr<const analysis::Judge>;

/// Texts by "key@version".
using TextMap = std::map<std::string, std::string>;

/// A document that was sent, looked at.
struct ReviewedScorecard {
    analysis::ScorecardReview review;
    store::ScorecardText text; // key, version and hash as the document tells them
    TextMap bases;             // what it extends
};

class Scorecards {
public:
    struct Parts {
        pg::Database& database;
        CpuPool& cpu;
        std::filesystem::path folder;
        std::shared_ptr<const analysis::Grounds> grounds;
        JudgePtr configured;
        Log log;
    };

    explicit Scorecards(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] store::ConfiguredScorecard configured() const;

    /// The most specific one that the tenant has put in force and that is meant for such calls,
    /// else the configured one. Errors: those of version().
    Task<Result<JudgePtr>> of_call(TenantId tenant, analysis::SelectionFacts facts);

    /// Exactly this one. Errors: not_found "scorecard.version_not_found"; invalid
    /// "scorecard.invalid" when this program cannot compile it.
    Task<Result<JudgePtr>> version(TenantId tenant, store::ScorecardRef ref);

    /// Never fails: what is wrong is among the findings.
    Task<ReviewedScorecard> review(TenantId tenant, std::string content);

    /// A judge by a document that is not stored. Errors: "scorecard.invalid".
    Task<Result<JudgePtr>> judge_by(ReviewedScorecard reviewed);

    /// Puts the files of the folder into the library. Files that cannot be read are logged and left
    /// out.
    Task<void> register_files();

private:
    [[nodiscard]] JudgePtr known(const std::string& hash);
    Result<JudgePtr> build(const store::ScorecardRef& ref, const TextMap& texts);
    Task<Result<TextMap>> texts_of(TenantId tenant, store::ScorecardRef ref);

    Parts parts_;
    std::mutex
        building_; // one at a time: it takes a core for a while, and the next may find it done
    std::mutex mutex_;
    std::map<std::string, JudgePtr> judges_; // by hash; guarded by mutex_, as is the next
    std::deque<std::string> order_;
};

} // namespace hs::pipeline
