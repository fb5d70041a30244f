/// What is said about agents and cities: pure functions over figures
/// (docs/explanations/insights.md).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "domain/insights.hpp"

namespace hs::pipeline {

inline constexpr std::size_t long_text_words = 100;
inline constexpr std::size_t change_words = 50;
inline constexpr std::size_t months_kept = 24;
inline constexpr std::size_t risks_kept = 10;

/// Stands for the agent's or city's name in what a writer writes: writers never see names.
inline constexpr std::string_view name_mark = "{name}";

/// Makes the texts. It runs while the agent or city is locked, so it must not wait for anything
/// outside the process: a writer that asks a model has to run as a job before.
class InsightWriter {
public:
    InsightWriter() = default;
    InsightWriter(const InsightWriter&) = delete;
    InsightWriter& operator=(const InsightWriter&) = delete;
    virtual ~InsightWriter() = default;

    /// An error keeps the texts of before.
    [[nodiscard]] virtual Result<AgentTexts> write(const AgentPicture& picture) const = 0;
    [[nodiscard]] virtual Result<CityTexts> write(const CityPicture& picture) const = 0;
    /// "template" or "llm", for insight_history.
    [[nodiscard]] virtual std::string_view source() const = 0;
};

/// Fills templates with the figures. Never fails; same figures, same texts.
[[nodiscard]] const InsightWriter& template_writer();

/// When the texts were made, and when they are asked for.
struct InsightAge {
    std::optional<Time> made{};
    Time asked{}; // start of the asking transaction
    Time now{};
};

/// Whether the stored texts are the answer: made within the hour, or by another request while this
/// one waited; the latter holds for forced requests too.
[[nodiscard]] bool still_fresh(const InsightAge& age, bool forced);

/// Whether a full stop or the like stands at the end.
[[nodiscard]] bool ends_sentence(std::string_view text);
/// Cut after the last sentence that fits, else after the last word that fits ("…").
[[nodiscard]] std::string limited_words(std::string_view text, std::size_t most);
[[nodiscard]] std::string with_name(std::string text, std::string_view name);

/// `entry` in front; an older entry of its month goes, as do those beyond months_kept. An entry
/// keeps members nobody here knows.
[[nodiscard]] json::array with_entry(const json::array& history, json::object entry);
/// The months of a stored history except `month`; what is no entry is passed over.
[[nodiscard]] std::vector<MonthOnRecord> months_of(const json::array& history,
                                                   std::string_view month);

} // namespace hs::pipeline
