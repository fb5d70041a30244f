#include "pipeline/prices.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/crypto.hpp"

namespace hs::pipeline {

namespace {

constexpr double largest_price = 1e6;
constexpr double million = 1e6;
constexpr double hour = 3600;

Error wrong(const std::string& what) {
    return {ErrorKind::invalid, "prices.invalid", "The price table: " + what, std::nullopt};
}

Result<std::string> name_of(const json::object& row, std::string_view member, std::size_t line) {
    const auto* value = row.if_contains(member);
    if (value == nullptr || !value->is_string() || value->as_string().empty())
        return std::unexpected(wrong(fmt::format("row {} needs a {}", line, member)));
    return std::string(value->as_string());
}

Result<double>
figure_of(const json::object& row, std::string_view member, double fallback, std::size_t line) {
    const auto* value = row.if_contains(member);
    if (value == nullptr) return fallback;
    const double figure = value->is_number() ? value->to_number<double>() : -1;
    if (figure < 0 || figure > largest_price)
        return std::unexpected(wrong(
            fmt::format("{} of row {} is no number from 0 to {}", member, line, largest_price)));
    return figure;
}

Result<Price> price_of(const json::value& value, std::size_t line) {
    if (!value.is_object()) return std::unexpected(wrong(fmt::format("row {} is no map", line)));
    const auto& row = value.get_object();
    constexpr std::array<std::string_view, 6> known{
        "provider", "model", "tokens_in", "tokens_out", "tokens_cached", "audio_hour"};
    for (const auto& member : row)
        if (std::ranges::find(known, std::string_view(member.key())) == known.end())
            return std::unexpected(wrong(fmt::format("row {} has a member nobody reads", line)));
    Price out;
    TRY(out.provider, name_of(row, "provider", line));
    TRY(out.model, name_of(row, "model", line));
    TRY(out.tokens_in, figure_of(row, "tokens_in", 0, line));
    TRY(out.tokens_out, figure_of(row, "tokens_out", 0, line));
    TRY(out.tokens_cached, figure_of(row, "tokens_cached", out.tokens_in, line));
    TRY(out.audio_hour, figure_of(row, "audio_hour", 0, line));
    return out;
}

/// How much of `model` the row's name tells; 0: another model, or nothing in particular.
std::size_t told(const Price& price, std::string_view model) {
    if (price.model == model) return std::string_view::npos;
    if (!price.model.ends_with('*')) return 0;
    const auto beginning = std::string_view(price.model).substr(0, price.model.size() - 1);
    return model.starts_with(beginning) ? beginning.size() + 1 : 0;
}

} // namespace

Result<Prices> Prices::read(const json::value& document) {
    const auto* object = document.if_object();
    const auto* rows = object == nullptr ? nullptr : object->if_contains("prices");
    if (rows == nullptr || !rows->is_array())
        return std::unexpected(wrong("expected a list named prices"));
    Prices out;
    for (const auto& row : rows->get_array()) {
        TRY(auto price, price_of(row, out.prices_.size() + 1));
        out.prices_.push_back(std::move(price));
    }
    out.version_ = sha256_hex(canonical_json(*rows)).substr(0, 12);
    return out;
}

const Price* Prices::find(std::string_view provider, std::string_view model) const {
    const Price* best = nullptr;
    std::size_t most = 0;
    for (const auto& price : prices_) {
        const auto length = price.provider == provider ? told(price, model) : 0;
        if (length > most) {
            most = length;
            best = &price;
        }
    }
    return best;
}

std::optional<double> Prices::cost(std::string_view provider,
                                   std::string_view model,
                                   const providers::Consumption& consumed) const {
    if (consumed.cost_usd > 0) return consumed.cost_usd;
    const auto* price = find(provider, model);
    if (price == nullptr) return std::nullopt;
    const auto cached = std::clamp<std::int64_t>(consumed.tokens_cached, 0, consumed.tokens_in);
    return (static_cast<double>(consumed.tokens_in - cached) * price->tokens_in +
            static_cast<double>(cached) * price->tokens_cached +
            static_cast<double>(consumed.tokens_out) * price->tokens_out) /
               million +
           consumed.audio_seconds / hour * price->audio_hour;
}

} // namespace hs::pipeline
