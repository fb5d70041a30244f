/// What speech engines behind HTTP share: one request a stretch of one track, so that speakers
/// never mix; long tracks cut at pauses and stitched with the times of the whole.
///
/// Three steps, so that the pipeline can keep a paid reply before anybody reads it: prepare() makes
/// the request, an Exchange sends it, parse() reads the reply. No state between calls.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "providers/exchange.hpp"
#include "providers/stt/heard_part.hpp"
#include "providers/stt/speech_to_text.hpp"

namespace hs::providers {

/// A stretch of one track that goes into one request.
struct SpeechPart {
    std::size_t track = 0; // of the SpeechRequest
    Span span;
};

/// What one part came to; times are of the whole track.
struct PartSpeech {
    std::vector<Utterance> utterances;
    std::string language;
    json::object usage; // as the provider reports it
};

class HttpSpeech : public SpeechToText {
public:
    /// Errors: rate_limited "speech.rate_limited"; unavailable "speech.unavailable",
    /// "speech.invalid_reply", "egress.*"; forbidden "speech.denied", "egress.address_refused";
    /// upstream "speech.refused"; those of the request's Exchange.
    Task<Result<Speech>> transcribe(SpeechRequest request) override;

    /// Parts of all tracks, in order; tracks without speech have none.
    [[nodiscard]] std::vector<SpeechPart> parts(const SpeechRequest& request) const;
    [[nodiscard]] virtual ProviderRequest prepare(const SpeechRequest& request,
                                                  const SpeechPart& part) const = 0;
    /// With at most two quick repeats of what may pass at once. `request` outlives the task.
    Task<Result<InboundReply>> send(std::shared_ptr<Exchange> exchange,
                                    const ProviderRequest& request) const;
    [[nodiscard]] Result<PartSpeech>
    parse(const SpeechRequest& request, const SpeechPart& part, const InboundReply& reply) const;

protected:
    /// `transport` serves requests that bring no Exchange of their own.
    HttpSpeech(std::string model, std::chrono::milliseconds repeat_delay, Transport transport);

    [[nodiscard]] virtual int longest_part_ms() const = 0;
    /// The body of a 2xx. `speech`: voice activity in times of the part.
    [[nodiscard]] virtual Result<HeardPart> read(std::string_view body,
                                                 const std::vector<Span>& speech) const = 0;
    /// prepare, send, parse and the journal's receipt for one part. References outlive the task.
    virtual Task<Result<PartSpeech>> hear(std::shared_ptr<Exchange> exchange,
                                          const SpeechRequest& request,
                                          const SpeechPart& part) const;

    [[nodiscard]] const std::string& model() const { return model_; }

private:
    std::string model_;
    std::chrono::milliseconds repeat_delay_;
    std::shared_ptr<Exchange> straight_;
};

/// Engine, model, area, length of the audio (what it is paid by), stop token and time limits of a
/// request for `part`; the rest is the engine's to fill in.
[[nodiscard]] ProviderRequest speech_request_for(std::string engine,
                                                 std::string model,
                                                 const SpeechRequest& request,
                                                 const SpeechPart& part);

/// The part's samples as a RIFF file.
[[nodiscard]] std::string wav_of(const SpeechRequest& request, const SpeechPart& part);

/// Hash of engine, address, every parameter, the audio and its channel: all that the answer hangs
/// on, and nothing of the key.
[[nodiscard]] std::string
fingerprint_of(std::string_view engine, const OutboundRequest& request, const std::string& track);

/// Phrases from the front that fit: at most `most`, each at most `longest` bytes, `room` in all.
struct PhraseLimits {
    std::size_t most = 100;
    std::size_t longest = 200;
    std::size_t room = 800;
};

[[nodiscard]] std::vector<std::string> fitting_phrases(const std::vector<std::string>& phrases,
                                                       const PhraseLimits& limits);

/// Percent-encoding of everything that is not unreserved in an address.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// Speech inside of the part, in times of the part.
[[nodiscard]] std::vector<Span> speech_within(const std::vector<Span>& speech, Span part);

[[nodiscard]] std::string without_trailing_slashes(std::string url);

} // namespace hs::providers
