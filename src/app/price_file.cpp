#include "app/price_file.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "app/yaml_json.hpp"
#include "base/files.hpp"

namespace hs::app {

namespace {

/// JSON is YAML, too.
Result<json::value> document_of(const std::string& text) {
    try {
        return json_of_yaml(text);
    } catch (const std::runtime_error& error) {
        return fail(ErrorKind::invalid, "prices.invalid", error.what());
    }
}

} // namespace

Result<pipeline::Prices> load_prices(const Config& config, const Resources& resources) {
    const auto& path = config.prices_file.empty() ? resources.prices : config.prices_file;
    TRY(const auto text, read_file(path));
    const auto named = [&path](const Error& error) {
        return fail(error.kind, error.code, fmt::format("{}: {}", path.string(), error.message));
    };
    const auto document = document_of(text);
    if (!document) return named(document.error());
    auto prices = pipeline::Prices::read(*document);
    if (!prices) return named(prices.error());
    return prices;
}

} // namespace hs::app
