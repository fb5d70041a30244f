/// One running program for all API tests, with a small directory: two agents who share a name, one
/// who does not, one city with an alias.
#pragma once

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/whole_server.hpp"

namespace hs::test {

inline constexpr const char* customer_name = "Zebulon Quaverley";
inline constexpr const char* customer_phone = "+919700412863";

class ApiTest : public ::testing::Test {
public:
    /// Started on first use, ended with the test program's last test.
    static WholeServer& server();
    /// Everything required, with two seconds of noise no other form holds.
    static UploadForm form();
    /// A stereo call with the imposter's words, already analysed; uploaded once.
    static const std::string& analysed_call();

protected:
    static HttpReply get(const std::string& path, const std::string& headers = "") {
        return server().ask("GET " + path, headers);
    }

    static json::value get_json(const std::string& path) { return json_of(get(path)); }
};

/// The same over a program that serves and does not work: uploads are looked at, never analysed.
class UploadTest : public ApiTest {
public:
    static WholeServer& server();
    static const std::string& agent_id(); ///< of Ritika Shah, EMP-7

protected:
    static json::value get_json(const std::string& path) {
        return json_of(server().ask("GET " + path));
    }
};

/// Two agents named Asha Rao, Ritika Shah (EMP-7), Gurugram alias Gurgaon.
std::string add_directory(const WholeServer& server);

/// Status and code of a refusal in one line, so that a failed test says both: "400 field.required".
std::string refusal(const HttpReply& reply);

/// The field codes of a 400, "agent_identifier: field.required" each.
std::vector<std::string> field_faults(const HttpReply& reply);

std::string call_id_of(const HttpReply& reply);

std::string corpus_bytes(const std::string& name);

/// The multipart body with one more file part at its end.
std::string with_part(std::string body,
                      std::string_view name,
                      std::string_view content,
                      std::string_view filename = "t.vtt");

} // namespace hs::test
