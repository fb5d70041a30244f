#include "pg/conninfo.hpp"

#include <map>
#include <memory>
#include <optional>

#include <libpq-fe.h>

namespace hs::pg {

namespace {

using Settings = std::map<std::string, std::string>;

std::optional<Settings> parse(const std::string& url) {
    char* fault = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(url.c_str(), &fault), &PQconninfoFree);
    if (fault != nullptr) PQfreemem(fault);
    if (!options) return std::nullopt;
    Settings out;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) out[option->keyword] = option->val;
    }
    return out;
}

std::string keyword_form(const Settings& settings) {
    std::string out;
    for (const auto& [keyword, value] : settings) {
        if (!out.empty()) out += ' ';
        out += keyword + "='";
        for (const char c : value) {
            if (c == '\'' || c == '\\') out += '\\';
            out += c;
        }
        out += '\'';
    }
    return out;
}

} // namespace

std::string conninfo_with(const std::string& url, const ConnSettings& forced) {
    auto settings = parse(url);
    if (!settings) return url;
    for (const auto& [keyword, value] : forced)
        (*settings)[keyword] = value;
    return keyword_form(*settings);
}

std::string conninfo_with_defaults(const std::string& url) {
    auto settings = parse(url);
    if (!settings) return url;
    settings->try_emplace("application_name", "hacksmart");
    settings->try_emplace("keepalives_idle", "20");
    settings->try_emplace("keepalives_interval", "5");
    settings->try_emplace("keepalives_count", "4");
    settings->try_emplace("tcp_user_timeout", "40000");
    settings->try_emplace("client_encoding", "UTF8");
    return keyword_form(*settings);
}

std::string conninfo_get(const std::string& url, const std::string& keyword) {
    const auto settings = parse(url);
    if (!settings) return {};
    const auto found = settings->find(keyword);
    return found == settings->end() ? std::string() : found->second;
}

} // namespace hs::pg
