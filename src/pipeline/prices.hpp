/// What providers charge: a table that is configuration, looked up by provider and model.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "providers/exchange.hpp"

namespace hs::pipeline {

/// US dollars: a million tokens, an hour of audio.
struct Price {
    std::string provider;
    std::string model; // a name, or the beginning of one and *
    double tokens_in = 0;
    double tokens_out = 0;
    double tokens_cached = 0;
    double audio_hour = 0;
};

class Prices {
public:
    Prices() = default; // knows no price

    /// {prices: [{provider, model, tokens_in, tokens_out, tokens_cached, audio_hour}]}; figures may
    /// be absent; tokens_cached is then that of tokens_in. Errors: invalid "prices.invalid".
    [[nodiscard]] static Result<Prices> read(const json::value& document);

    /// The exact name first, else the longest beginning; null: nobody knows.
    [[nodiscard]] const Price* find(std::string_view provider, std::string_view model) const;

    /// What was consumed in US dollars: as the server reports it, else by the table. Nothing when
    /// neither is known.
    [[nodiscard]] std::optional<double> cost(std::string_view provider,
                                             std::string_view model,
                                             const providers::Consumption& consumed) const;

    /// Tells one table from another: 12 hex digits of its hash.
    [[nodiscard]] const std::string& version() const { return version_; }

private:
    std::vector<Price> prices_;
    std::string version_ = "none";
};

} // namespace hs::pipeline
