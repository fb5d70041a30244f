#include "pipeline/scorecards.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "analysis/judging/pack.hpp"
#include "base/json.hpp"

namespace hs::pipeline {

namespace {

/// Judges kept beside the configured one; each is some ten megabytes.
constexpr std::size_t most_judges = 12;
constexpr int deepest_extension = 8;

std::string name_of(const std::string& key, int version) {
    return fmt::format("{}@{}", key, version);
}

/// Texts that are at hand; remembers what was asked for in vain.
struct AtHand {
    TextMap texts;
    std::optional<store::ScorecardRef> missing;

    Result<std::string> find(const std::string& key, int version) {
        const auto found = texts.find(name_of(key, version));
        if (found != texts.end()) return found->second;
        store::ScorecardRef wanted;
        wanted.key = key;
        wanted.version = version;
        missing = std::move(wanted);
        return fail(ErrorKind::not_found,
                    "scorecard.version_not_found",
                    fmt::format("there is no scorecard {}@{}", key, version));
    }
};

analysis::ScorecardTexts source(AtHand& at_hand) {
    return [&at_hand](const std::string& key, int version) { return at_hand.find(key, version); };
}

json::array texts_json(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& text : texts)
        out.emplace_back(text);
    return out;
}

std::string title_json(const analysis::Scorecard& card) {
    json::object out;
    for (const auto& [language, text] : card.title)
        out[language] = text;
    return json::serialize(out);
}

std::string selector_json(const analysis::Scorecard& card) {
    const auto& selector = card.selector;
    return json::serialize(json::object{{"issue_category", texts_json(selector.issue_category)},
                                        {"language", texts_json(selector.language)},
                                        {"call_context", texts_json(selector.call_context)}});
}

std::vector<std::string> texts_in(const json::object& document, const char* name) {
    std::vector<std::string> out;
    const auto* list = document.if_contains(name);
    if (list == nullptr || !list->is_array()) return out;
    for (const auto& item : list->get_array())
        if (item.is_string()) out.emplace_back(item.get_string());
    return out;
}

/// What select_scorecard() looks at of one that is in force.
analysis::Scorecard candidate(const store::ActiveScorecard& active,
                              const analysis::IssueCategories& categories) {
    analysis::Scorecard card;
    card.key = active.ref.key;
    card.version = active.ref.version;
    const auto parsed = parse_json(active.selector_json);
    if (!parsed || !parsed->is_object()) return card;
    const auto& selector = parsed->get_object();
    for (const auto& name : texts_in(selector, "issue_category"))
        card.selector.issue_category.push_back(categories.canonical(name));
    card.selector.language = texts_in(selector, "language");
    card.selector.call_context = texts_in(selector, "call_context");
    return card;
}

store::ScorecardText
text_of(const analysis::Scorecard& card, std::string content, const std::string& base_hash) {
    store::ScorecardText out;
    out.ref.key = card.key;
    out.ref.version = card.version;
    out.ref.hash = card.content_hash;
    out.title_json = title_json(card);
    out.selector_json = selector_json(card);
    out.content = std::move(content);
    const auto at = card.extends.find('@');
    if (at == std::string::npos) return out;
    store::ScorecardRef base;
    base.key = card.extends.substr(0, at);
    base.version = std::atoi(card.extends.c_str() + at + 1);
    base.hash = base_hash;
    out.extends = std::move(base);
    return out;
}

struct FileName {
    std::string key;
    int version = 0;
};

/// Of `<folder>/<key>/<version>.yaml`.
std::vector<FileName> files_of(const std::filesystem::path& folder) {
    std::vector<FileName> out;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (!entry.is_directory()) continue;
        for (const auto& file : std::filesystem::directory_iterator(entry.path(), error)) {
            const auto stem = file.path().stem().string();
            int version = 0;
            const auto [end, wrong] =
                std::from_chars(stem.data(), stem.data() + stem.size(), version);
            const bool whole = wrong == std::errc{} && end == stem.data() + stem.size();
            if (file.path().extension() == ".yaml" && whole && version > 0)
                out.push_back({entry.path().filename().string(), version});
        }
    }
    return out;
}

Result<store::ScorecardText> read_file_version(const std::filesystem::path& folder,
                                               const FileName& name) {
    const auto texts = analysis::texts_of(folder);
    TRY(auto content, texts(name.key, name.version));
    TRY(const auto card, analysis::identify_scorecard(texts, name.key, name.version));
    if (card.key != name.key || card.version != name.version)
        return fail(ErrorKind::invalid, "scorecard.invalid", "It names itself otherwise.");
    auto text = text_of(card, std::move(content), "");
    if (text.extends) {
        const auto& base = *text.extends;
        TRY(const auto extended, analysis::identify_scorecard(texts, base.key, base.version));
        text.extends->hash = extended.content_hash;
    }
    return text;
}

} // namespace

store::ConfiguredScorecard Scorecards::configured() const {
    const auto& card = parts_.configured->card();
    return {card.key, card.version};
}

Task<Result<JudgePtr>> Scorecards::of_call(TenantId tenant, analysis::SelectionFacts facts) {
    const auto unit = parts_.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto active = co_await store::active_scorecards(*unit, tenant);
    const auto& categories = parts_.grounds->categories;
    facts.issue_category = categories.canonical(facts.issue_category);
    std::vector<analysis::Scorecard> cards;
    for (const auto& one : active)
        cards.push_back(candidate(one, categories));
    std::vector<const analysis::Scorecard*> candidates;
    for (const auto& card : cards)
        candidates.push_back(&card);
    const auto* best = analysis::select_scorecard(candidates, facts);
    if (best == nullptr) co_return parts_.configured;
    const auto place = static_cast<std::size_t>(best - cards.data());
    auto ref = active[place].ref;
    co_return co_await version(tenant, std::move(ref));
}

Task<Result<JudgePtr>> Scorecards::version(TenantId tenant, store::ScorecardRef ref) {
    if (auto judge = known(ref.hash)) co_return judge;
    CO_TRY(const auto found, co_await texts_of(tenant, ref));
    const auto texts = std::make_shared<const TextMap>(found);
    auto work = [this, ref, texts] { return build(ref, *texts); };
    co_return co_await parts_.cpu.run(work);
}

Task<ReviewedScorecard> Scorecards::review(TenantId tenant, std::string content) {
    const auto text = std::make_shared<const std::string>(std::move(content));
    const auto at_hand = std::make_shared<AtHand>();
    const auto unit = parts_.database.unit({.tenant = tenant});
    std::map<std::string, std::string> hashes;
    ReviewedScorecard out;
    for (int depth = 0; depth <= deepest_extension; ++depth) {
        at_hand->missing.reset();
        auto work = [grounds = parts_.grounds, text, at_hand] {
            return analysis::review_scorecard(*grounds, source(*at_hand), *text, "document");
        };
        out.review = co_await parts_.cpu.run(work);
        if (!at_hand->missing) break;
        auto wanted = *at_hand->missing;
        const auto name = name_of(wanted.key, wanted.version);
        const auto found = co_await store::scorecard_text(*unit, tenant, std::move(wanted));
        if (!found) break;
        at_hand->texts[name] = found->content;
        hashes[name] = found->ref.hash;
    }
    out.bases = std::move(at_hand->texts);
    out.text = text_of(out.review.card, *text, hashes[out.review.card.extends]);
    co_return out;
}

Task<Result<JudgePtr>> Scorecards::judge_by(ReviewedScorecard reviewed) {
    auto texts = std::make_shared<TextMap>(std::move(reviewed.bases));
    const auto ref = reviewed.text.ref;
    (*texts)[name_of(ref.key, ref.version)] = std::move(reviewed.text.content);
    auto work = [this, ref, texts] { return build(ref, *texts); };
    co_return co_await parts_.cpu.run(work);
}

Task<void> Scorecards::register_files() {
    const auto unit = parts_.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    for (const auto& name : files_of(parts_.folder)) {
        auto work = [folder = parts_.folder, name] { return read_file_version(folder, name); };
        auto text = co_await parts_.cpu.run(work);
        if (text) {
            auto registered = *std::move(text);
            co_await store::register_scorecard(*unit, std::move(registered));
        } else {
            parts_.log.warn(
                "scorecard.left_out",
                {{"scorecard", name_of(name.key, name.version)}, {"error", text.error().message}});
        }
    }
}

JudgePtr Scorecards::known(const std::string& hash) {
    if (hash == parts_.configured->card().content_hash) return parts_.configured;
    const std::lock_guard lock(mutex_);
    const auto found = judges_.find(hash);
    return found == judges_.end() ? nullptr : found->second;
}

Result<JudgePtr> Scorecards::build(const store::ScorecardRef& ref, const TextMap& texts) {
    const std::lock_guard turn(building_);
    if (auto judge = known(ref.hash)) return judge;
    AtHand at_hand{texts, {}};
    TRY(auto built, analysis::Judge::build(parts_.grounds, source(at_hand), ref.key, ref.version));
    if (built.card().content_hash != ref.hash)
        return fail(ErrorKind::internal, "scorecard.mixed", "The texts are not of that version.");
    auto judge = std::make_shared<const analysis::Judge>(std::move(built));
    const std::lock_guard lock(mutex_);
    judges_[ref.hash] = judge;
    order_.push_back(ref.hash);
    if (order_.size() > most_judges) {
        judges_.erase(order_.front());
        order_.pop_front();
    }
    return judge;
}

Task<Result<TextMap>> Scorecards::texts_of(TenantId tenant, store::ScorecardRef ref) {
    const auto unit = parts_.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    TextMap out;
    for (int depth = 0; depth <= deepest_extension; ++depth) {
        const auto name = name_of(ref.key, ref.version);
        const auto found = co_await store::scorecard_text(*unit, tenant, std::move(ref));
        if (!found)
            co_return fail(ErrorKind::not_found,
                           "scorecard.version_not_found",
                           "There is no scorecard " + name + " of that text.");
        out[name] = found->content;
        if (!found->extends) break;
        ref = *found->extends;
    }
    co_return out;
}

} // namespace hs::pipeline
