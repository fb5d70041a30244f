/// multipart/form-data (RFC 7578) read piece by piece: memory stays constant whatever is sent.
///
/// The parser knows nothing of files or sockets; a MultipartSink takes what it finds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace hs::http {

struct MultipartLimits {
    std::size_t parts = 64;
    std::size_t field_bytes = 8 << 10;
    std::size_t header_bytes = 16 << 10; // headers of one part
    std::uint64_t file_bytes = 200u << 20;
};

/// Name, file name and type of one part, from its headers.
struct PartHead {
    std::string name;
    std::optional<std::string> filename;
    std::optional<std::string> content_type;
};

/// Takes the parts as they come. An error stops the parser.
class MultipartSink {
public:
    virtual ~MultipartSink() = default;
    /// Whether the part is a file: its bytes come through file_data instead of one field().
    [[nodiscard]] virtual bool is_file(const PartHead& head) const = 0;
    virtual Result<void> field(const PartHead& head, std::string value) = 0;
    virtual Result<void> file_begin(const PartHead& head) = 0;
    virtual Result<void> file_data(std::string_view bytes) = 0;
    virtual Result<void> file_end() = 0;
};

/// The boundary of a Content-Type: 1-70 characters of RFC 2046's set. Errors: invalid
/// "multipart.boundary"; the media type itself is the caller's matter.
[[nodiscard]] Result<std::string> multipart_boundary(std::string_view content_type);

/// Largest body that can be valid under `limits`: one file and the most of everything else.
[[nodiscard]] std::uint64_t multipart_body_limit(const MultipartLimits& limits);

class MultipartParser {
public:
    MultipartParser(std::string_view boundary, MultipartLimits limits, MultipartSink& sink);

    /// Any cut of the body into pieces gives the same calls of the sink (file_data may be cut
    /// differently). Errors: invalid "multipart.malformed" and "field.encoding", too_large
    /// "field.too_large" and "body.too_large", and the sink's.
    Result<void> feed(std::string_view bytes);
    /// To be called after the last piece. Errors: invalid "multipart.malformed" without the
    /// closing boundary.
    [[nodiscard]] Result<void> finish() const;

private:
    enum class State { preamble, after_boundary, headers, content, epilogue };

    Result<bool> step();
    Result<bool> skip_preamble();
    Result<bool> after_boundary();
    Result<bool> read_headers();
    Result<bool> read_content();
    Result<void> take(std::string_view bytes);
    Result<void> end_part();

    std::string delimiter_; // CR LF "--" boundary
    MultipartLimits limits_;
    MultipartSink& sink_;
    State state_ = State::preamble;
    // Bytes not yet understood; before the first boundary it starts with a made-up CR LF, so that
    // a boundary on the first line needs no case of its own.
    std::string pending_ = "\r\n";
    std::size_t parts_ = 0;
    PartHead head_;
    bool in_file_ = false;
    std::string value_;
    std::uint64_t file_bytes_ = 0;
};

} // namespace hs::http
