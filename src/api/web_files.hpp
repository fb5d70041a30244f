/// The dashboard in the browser: the files of one web build, kept in memory.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "http/message.hpp"

namespace hs::api {

/// Files are read once: a build made while the server runs is served after the next start, and an
/// open page finds the chunks it was built with for as long as the server lives.
class WebFiles {
public:
    /// No build: every page tells how to make one.
    WebFiles() = default;

    /// Every file below `folder`, with the ".gz" beside it. Errors: those of reading; not_found
    /// "web.missing" when there is no index.html.
    [[nodiscard]] static Result<WebFiles> load(const std::filesystem::path& folder);

    /// A file by its path, or the page for the paths the dashboard itself knows; 404 for the rest.
    /// "GET /" is answered to anybody, other pages to those who ask for HTML.
    [[nodiscard]] http::Response answer(const http::Request& request) const;

private:
    struct File {
        std::string content_type;
        std::string body;
        std::string packed; // gzip; empty when there is none
        std::string tag;    // of the content
    };

    [[nodiscard]] static http::Response
    file_reply(const http::Request& request, std::string_view path, const File& file);
    [[nodiscard]] http::Response page() const;

    std::map<std::string, File, std::less<>> files_; // by path, "/assets/index-C0ffee.js"
    std::string page_;                               // index.html
};

} // namespace hs::api
