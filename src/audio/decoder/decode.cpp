#include "audio/decoder/decode.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <unistd.h>

extern "C" {
#include <libavutil/frame.h>
}

#include "audio/decoder/cover_tone.hpp"
#include "audio/decoder/frames.hpp"
#include "audio/decoder/playback.hpp"
#include "audio/decoder/resampler.hpp"
#include "audio/decoder/sniff.hpp"
#include "audio/decoder/source.hpp"

namespace hs::audio::decoder {

namespace {

struct Ending {
    Outcome outcome = Outcome::ok;
    const char* detail = "";
};

template <std::size_t N>
void copy_text(char (&out)[N], std::string_view text) {
    text.substr(0, N - 1).copy(out, N - 1);
}

class Decoding {
public:
    Decoding(const Order& order, std::int64_t file_bytes, const Sniffed& sniffed)
        : order_(order), format_(sniffed.format), source_(STDIN_FILENO, file_bytes, sniffed) {}

    Ending run();

    [[nodiscard]] std::uint64_t samples() const { return samples_; }

private:
    Ending take(const Step& step);
    Ending begin(const AVFrame& frame);
    Ending send(std::span<const std::int16_t> interleaved);
    Ending send_silence(std::int64_t ms);
    Ending finish();
    [[nodiscard]] bool send_facts(const AVFrame& frame) const;

    [[nodiscard]] bool picks() const { return order_.mode == Mode::pcm && order_.picked[0] >= 0; }

    Order order_;
    Format format_;
    SoundSource source_;
    std::unique_ptr<Resampler> resampler_;
    std::unique_ptr<PlaybackEncoder> encoder_;
    std::unique_ptr<CoverTone> cover_;
    PcmWriter writer_;
    std::vector<std::int16_t> picked_;
    int channels_ = 0; // out of the resampler
    int rate_ = pcm_rate_hz;
    std::uint64_t samples_ = 0; // per channel, at rate_
    std::int64_t sound_frames_ = 0;
    std::int64_t lost_packets_ = 0;
};

bool Decoding::send_facts(const AVFrame& frame) const {
    StreamFacts facts{};
    copy_text(facts.format, to_string(format_));
    copy_text(facts.codec, source_.codec());
    facts.sample_rate = frame.sample_rate;
    facts.channels = frame.ch_layout.nb_channels;
    facts.sent_channels = picks() ? 2 : channels_;
    facts.header_duration_ms = source_.header_duration_ms();
    facts.bit_rate = source_.bit_rate();
    return write_facts(facts);
}

/// The first decoded frame, not a header, says what the sound is.
Ending Decoding::begin(const AVFrame& frame) {
    const int found = frame.ch_layout.nb_channels;
    if (found < 1 || found > max_channels || frame.sample_rate < 1000)
        return {Outcome::invalid, "impossible sound format"};
    channels_ = found;
    if (order_.mode == Mode::playback) {
        channels_ = std::min(found, 2);
        rate_ = frame.sample_rate > 20000 ? 24000 : 16000;
        encoder_ = std::make_unique<PlaybackEncoder>(rate_, channels_);
        if (!encoder_->open()) return {Outcome::invalid, "no encoder"};
        const auto masks = std::span(order_.masks).first(std::min(order_.mask_count, max_masks));
        if (!masks.empty()) cover_ = std::make_unique<CoverTone>(masks, rate_, channels_);
    }
    if (picks() && std::max(order_.picked[0], order_.picked[1]) >= channels_)
        return {Outcome::invalid, "no such channel"};
    resampler_ = std::make_unique<Resampler>(rate_, channels_);
    if (!send_facts(frame)) return {Outcome::invalid, "nobody reads"};
    return {};
}

Ending Decoding::send(std::span<const std::int16_t> interleaved) {
    const auto channels = static_cast<std::size_t>(channels_);
    if (cover_ != nullptr) {
        picked_.assign(interleaved.begin(), interleaved.end());
        cover_->apply(picked_, samples_);
        interleaved = picked_;
    }
    samples_ += interleaved.size() / channels;
    if (samples_ * 1000 >
        static_cast<std::uint64_t>(order_.max_ms) * static_cast<std::uint64_t>(rate_))
        return {Outcome::too_long, "longer than allowed"};
    if (encoder_ != nullptr)
        return encoder_->add(interleaved) ? Ending{} : Ending{Outcome::invalid, "encoding failed"};
    if (picks()) {
        picked_.clear();
        for (std::size_t at = 0; at < interleaved.size(); at += channels)
            for (const int channel : order_.picked)
                picked_.push_back(interleaved[at + static_cast<std::size_t>(channel)]);
        interleaved = picked_;
    }
    return writer_.add(interleaved) ? Ending{} : Ending{Outcome::invalid, "nobody reads"};
}

Ending Decoding::send_silence(std::int64_t ms) {
    ++lost_packets_;
    if (resampler_ == nullptr) return {}; // before the first sound there is no place to keep
    const std::vector<std::int16_t> silence(static_cast<std::size_t>(ms * rate_ / 1000) *
                                            static_cast<std::size_t>(channels_));
    return send(silence);
}

Ending Decoding::take(const Step& step) {
    if (step.kind == Step::Kind::lost) return send_silence(step.lost_ms);
    ++sound_frames_;
    if (resampler_ == nullptr)
        if (const auto ending = begin(*step.frame); ending.outcome != Outcome::ok) return ending;
    if (!resampler_->push(*step.frame)) return {Outcome::invalid, "cannot convert"};
    return send(resampler_->output());
}

Ending Decoding::finish() {
    if (resampler_ == nullptr)
        return source_.packets() == 0 && format_ != Format::mp3
                   ? Ending{Outcome::empty, "no sound in the file"}
                   : Ending{Outcome::invalid, "nothing could be decoded"};
    if (lost_packets_ > sound_frames_) return {Outcome::invalid, "mostly damaged"};
    if (!resampler_->drain()) return {Outcome::invalid, "cannot convert"};
    if (const auto ending = send(resampler_->output()); ending.outcome != Outcome::ok)
        return ending;
    if (encoder_ != nullptr && !encoder_->finish()) return {Outcome::invalid, "encoding failed"};
    return writer_.flush() ? Ending{} : Ending{Outcome::invalid, "nobody reads"};
}

Ending Decoding::run() {
    if (const auto opened = source_.open(); opened != Outcome::ok)
        return {opened,
                opened == Outcome::unsupported_format ? "no sound stream we take"
                                                      : "unreadable container"};
    for (;;) {
        const auto step = source_.next();
        if (step.kind == Step::Kind::end) return finish();
        if (const auto ending = take(step); ending.outcome != Outcome::ok) return ending;
    }
}

} // namespace

void decode_stdin(std::int64_t file_bytes, const Order& order) {
    const auto sniffed = sniff(STDIN_FILENO, file_bytes);
    if (sniffed.outcome != Outcome::ok) {
        write_end(sniffed.outcome, 0, sniffed.detail);
        return;
    }
    Decoding decoding(order, file_bytes, sniffed);
    const auto ending = decoding.run();
    write_end(ending.outcome, decoding.samples(), ending.detail);
}

} // namespace hs::audio::decoder
