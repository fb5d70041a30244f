/// Compression of replies.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace hs::http {

/// Whether an Accept-Encoding value takes gzip (RFC 9110 section 12.5.3, weights honoured).
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

/// Whether the reply is of a kind and size that is compressed for clients that accept it.
[[nodiscard]] bool is_compressible(const Response& response);

/// gzip form of `text`.
[[nodiscard]] std::string gzip(std::string_view text);

} // namespace hs::http
