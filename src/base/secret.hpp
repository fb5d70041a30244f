/// A value that must not be printed: no operator<<, no JSON, no log field takes it.
#pragma once

#include <string>
#include <string_view>

namespace hs {

class Secret {
public:
    Secret() = default;

    explicit Secret(std::string text) : text_(std::move(text)) {}

    Secret(const Secret&) = default;
    Secret(Secret&&) noexcept = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) noexcept = default;
    ~Secret(); ///< wipes

    /// The only way out. Call it where the value is used, never to pass it on.
    [[nodiscard]] std::string_view reveal() const { return text_; }

    [[nodiscard]] bool empty() const { return text_.empty(); }

private:
    std::string text_;
};

} // namespace hs
