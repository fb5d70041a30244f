#include "pg/session.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <libpq-fe.h>

#include "pg/text_format.hpp"

namespace hs::pg {

namespace {

const PGresult* result_of(const std::shared_ptr<void>& result) {
    return static_cast<const PGresult*>(result.get());
}

template <typename T, typename Quote>
std::string array_literal(const std::vector<T>& values, Quote quote) {
    std::string out = "{";
    for (const auto& value : values) {
        if (out.size() > 1) out += ',';
        quote(out, value);
    }
    out += '}';
    return out;
}

void quote_element(std::string& out, const std::string& text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

[[noreturn]] void column_fault(std::string_view column, const char* what) {
    throw std::logic_error(fmt::format("column {}: {}", column, what));
}

} // namespace

// --- Params -------------------------------------------------------------------------------------

Params& Params::add(std::nullopt_t) {
    values_.push_back({.text = {}, .null = true, .binary = false});
    return *this;
}

Params& Params::add(std::string_view text) {
    values_.push_back({.text = std::string(text), .null = false, .binary = false});
    return *this;
}

Params& Params::add(bool flag) {
    return add(std::string_view(flag ? "t" : "f"));
}

Params& Params::add(std::int64_t number) {
    return add(std::string_view(fmt::format_int(number).str()));
}

Params& Params::add(double number) {
    if (std::isnan(number)) return add(std::string_view("NaN"));
    if (std::isinf(number)) return add(std::string_view(number > 0 ? "Infinity" : "-Infinity"));
    return add(std::string_view(fmt::format("{}", number)));
}

Params& Params::add(const Uuid& uuid) {
    return add(std::string_view(uuid.str()));
}

Params& Params::add(Time time) {
    return add(std::string_view(timestamp_text(time)));
}

Params& Params::add(const Bytes& bytes) {
    values_.push_back(
        {.text = std::string(bytes.begin(), bytes.end()), .null = false, .binary = true});
    return *this;
}

Params& Params::add(const std::vector<std::string>& values) {
    return add(std::string_view(array_literal(values, quote_element)));
}

Params& Params::add(const std::vector<std::int64_t>& values) {
    return add(std::string_view(array_literal(
        values, [](std::string& out, std::int64_t n) { out += fmt::format_int(n).str(); })));
}

Params& Params::add(const std::vector<Uuid>& values) {
    return add(std::string_view(
        array_literal(values, [](std::string& out, const Uuid& id) { out += id.str(); })));
}

// --- Row ----------------------------------------------------------------------------------------

namespace {

/// Exact match: PQfnumber folds case and allocates.
int column_index(const PGresult* result, std::string_view column) {
    const int count = PQnfields(result);
    for (int i = 0; i < count; ++i) {
        if (column == PQfname(result, i)) return i;
    }
    column_fault(column, "not in the result");
}

std::optional<std::string_view> cell(const PGresult* result, int row, std::string_view column) {
    const int index = column_index(result, column);
    if (PQgetisnull(result, row, index) != 0) return std::nullopt;
    return std::string_view(PQgetvalue(result, row, index),
                            std::size_t(PQgetlength(result, row, index)));
}

std::string_view must(std::optional<std::string_view> text, std::string_view column) {
    if (!text) column_fault(column, "is null");
    return *text;
}

template <typename Number>
Number number(std::string_view text, std::string_view column) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        column_fault(column, "is no number of the wanted type");
    }
    return value;
}

Uuid uuid_of(std::string_view text, std::string_view column) {
    const auto uuid = Uuid::parse(text);
    if (!uuid) column_fault(column, "is no uuid");
    return *uuid;
}

Time time_of(std::string_view text, std::string_view column) {
    const auto time = parse_timestamp(text);
    if (!time) column_fault(column, "is no timestamp with time zone");
    return *time;
}

} // namespace

bool Row::null(std::string_view column) const {
    return !cell(result_of(rows_->result_), index_, column);
}

std::string_view Row::view(std::string_view column) const {
    return cell(result_of(rows_->result_), index_, column).value_or(std::string_view());
}

std::string Row::text(std::string_view column) const {
    return std::string(view(column));
}

std::optional<std::string> Row::optional_text(std::string_view column) const {
    const auto value = cell(result_of(rows_->result_), index_, column);
    return value ? std::optional(std::string(*value)) : std::nullopt;
}

std::int64_t Row::integer(std::string_view column) const {
    return number<std::int64_t>(must(cell(result_of(rows_->result_), index_, column), column),
                                column);
}

std::optional<std::int64_t> Row::optional_integer(std::string_view column) const {
    return null(column) ? std::nullopt : std::optional(integer(column));
}

double Row::real(std::string_view column) const {
    return number<double>(must(cell(result_of(rows_->result_), index_, column), column), column);
}

std::optional<double> Row::optional_real(std::string_view column) const {
    return null(column) ? std::nullopt : std::optional(real(column));
}

bool Row::boolean(std::string_view column) const {
    return must(cell(result_of(rows_->result_), index_, column), column) == "t";
}

Uuid Row::uuid(std::string_view column) const {
    return uuid_of(must(cell(result_of(rows_->result_), index_, column), column), column);
}

std::optional<Uuid> Row::optional_uuid(std::string_view column) const {
    return null(column) ? std::nullopt : std::optional(uuid(column));
}

Time Row::time(std::string_view column) const {
    return time_of(must(cell(result_of(rows_->result_), index_, column), column), column);
}

std::optional<Time> Row::optional_time(std::string_view column) const {
    return null(column) ? std::nullopt : std::optional(time(column));
}

Bytes Row::bytes(std::string_view column) const {
    const auto text = view(column);
    if (text.empty()) return {};
    if (!text.starts_with("\\x")) column_fault(column, "is no bytea in hex form");
    auto bytes = parse_hex(text.substr(2));
    if (!bytes) column_fault(column, "is no bytea in hex form");
    return std::move(*bytes);
}

std::vector<std::string> Row::text_array(std::string_view column) const {
    auto values = parse_text_array(view(column));
    if (!values) column_fault(column, "is no one-dimensional array");
    return std::move(*values);
}

// --- Rows ---------------------------------------------------------------------------------------

Rows::Rows() = default;

Rows::Rows(std::shared_ptr<void> pg_result) : result_(std::move(pg_result)) {}

int Rows::size() const {
    return result_ ? PQntuples(result_of(result_)) : 0;
}

Row Rows::at(int index) const {
    if (index < 0 || index >= size()) throw std::logic_error("row index outside the result");
    return {*this, index};
}

std::string Rows::first_text(int index) const {
    if (index < 0 || index >= size()) throw std::logic_error("row index outside the result");
    return PQgetvalue(result_of(result_), index, 0);
}

std::int64_t Rows::affected() const {
    if (!result_) return 0;
    const std::string_view text = PQcmdTuples(static_cast<PGresult*>(result_.get()));
    return text.empty() ? 0 : number<std::int64_t>(text, "affected rows");
}

std::string_view Rows::command() const {
    return result_ ? PQcmdStatus(static_cast<PGresult*>(result_.get())) : "";
}

} // namespace hs::pg
