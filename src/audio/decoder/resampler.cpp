#include "audio/decoder/resampler.hpp"

#include <vector>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>
}

#include "audio/decoder/protocol.hpp"

namespace hs::audio::decoder {

struct Resampler::State {
    int rate = 0;
    int channels = 0;
    SwrContext* context = nullptr;
    // What the context was made for: a stream may change in the middle.
    int in_rate = 0;
    int in_channels = 0;
    int in_format = -1;
    std::vector<std::int16_t> out;
    std::size_t filled = 0; // samples over all channels

    [[nodiscard]] bool configure(const AVFrame& frame);
    [[nodiscard]] bool convert(const std::uint8_t** data, int samples);
};

bool Resampler::State::configure(const AVFrame& frame) {
    const int frame_channels = frame.ch_layout.nb_channels;
    if (context != nullptr && frame.sample_rate == in_rate && frame_channels == in_channels &&
        frame.format == in_format)
        return true;
    if (frame_channels < 1 || frame_channels > max_channels || frame.sample_rate < 1000 ||
        frame.sample_rate > 384000)
        return false;
    // Default layouts on both sides: equal counts pass through unmixed, whatever the file calls
    // its channels; a change in mid-stream is mixed to what was there before.
    AVChannelLayout in{};
    AVChannelLayout wanted{};
    av_channel_layout_default(&in, frame_channels);
    av_channel_layout_default(&wanted, channels);
    swr_free(&context);
    const int made = swr_alloc_set_opts2(&context,
                                         &wanted,
                                         AV_SAMPLE_FMT_S16,
                                         rate,
                                         &in,
                                         static_cast<AVSampleFormat>(frame.format),
                                         frame.sample_rate,
                                         0,
                                         nullptr);
    in_rate = frame.sample_rate;
    in_channels = frame_channels;
    in_format = frame.format;
    return made == 0 && swr_init(context) == 0;
}

bool Resampler::State::convert(const std::uint8_t** data, int samples) {
    const int room = swr_get_out_samples(context, samples);
    if (room < 0) return false;
    const auto needed = static_cast<std::size_t>(room) * static_cast<std::size_t>(channels);
    if (out.size() < needed) out.resize(needed);
    auto* plane = reinterpret_cast<std::uint8_t*>(out.data());
    const int got = swr_convert(context, &plane, room, data, samples);
    if (got < 0) return false;
    filled = static_cast<std::size_t>(got) * static_cast<std::size_t>(channels);
    return true;
}

Resampler::Resampler(int rate, int channels) : state_(std::make_unique<State>()) {
    state_->rate = rate;
    state_->channels = channels;
}

Resampler::~Resampler() {
    swr_free(&state_->context);
}

bool Resampler::push(const AVFrame& frame) {
    if (!state_->configure(frame)) return false;
    return state_->convert(const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
}

bool Resampler::drain() {
    return state_->context != nullptr && state_->convert(nullptr, 0);
}

std::span<const std::int16_t> Resampler::output() const {
    return {state_->out.data(), state_->filled};
}

} // namespace hs::audio::decoder
