/// Speech through Google's Speech-to-Text v2: recognize for parts up to a minute; longer ones
/// through a bucket and batchRecognize where there is a bucket, else cut at pauses to a minute.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "providers/stt/google_account.hpp"
#include "providers/stt/http_speech.hpp"

namespace hs::providers {

struct GoogleSpeechConfig {
    GoogleAccount account;
    std::string location = "global";
    std::string model = "long";
    std::string bucket;   // where recordings of more than a minute lie while they are heard
    std::string base_url; // empty: the location's own
    std::string storage_url = "https://storage.googleapis.com";
    bool allow_private = false;
    std::chrono::milliseconds repeat_delay{500};
    std::chrono::milliseconds look_every{5000}; // at an operation that is under way
    std::chrono::seconds longest_wait{20 * 60}; // for one operation; then the job comes back
};

class GoogleSpeech final : public HttpSpeech {
public:
    GoogleSpeech(GoogleSpeechConfig config, Transport transport);

    [[nodiscard]] std::string name() const override { return "google"; }

    /// recognize or, for more than a minute, batchRecognize of what upload() has stored.
    [[nodiscard]] ProviderRequest prepare(const SpeechRequest& request,
                                          const SpeechPart& part) const override;

protected:
    [[nodiscard]] int longest_part_ms() const override;
    [[nodiscard]] Result<HeardPart> read(std::string_view body,
                                         const std::vector<Span>& speech) const override;
    Task<Result<PartSpeech>> hear(std::shared_ptr<Exchange> exchange,
                                  const SpeechRequest& request,
                                  const SpeechPart& part) const override;

private:
    Task<Result<PartSpeech>> hear_through_bucket(std::shared_ptr<Exchange> exchange,
                                                 const SpeechRequest& request,
                                                 const SpeechPart& part) const;
    Task<Result<InboundReply>> result_of(std::shared_ptr<Exchange> exchange,
                                         const ProviderRequest& prepared,
                                         std::string operation) const;
    [[nodiscard]] json::object recognition(const SpeechRequest& request,
                                           const SpeechTrack& track) const;
    [[nodiscard]] ProviderRequest upload(const ProviderRequest& prepared, std::string wav) const;
    [[nodiscard]] std::string object_name(const SpeechRequest& request,
                                          const SpeechPart& part) const;
    void sign(OutboundRequest& request) const;

    GoogleSpeechConfig config_;
};

/// A reply of recognize, or a finished operation of batchRecognize.
/// Errors: unavailable "speech.invalid_reply"; upstream "speech.refused" (the operation failed).
[[nodiscard]] Result<HeardPart> read_google_reply(std::string_view body);

} // namespace hs::providers
