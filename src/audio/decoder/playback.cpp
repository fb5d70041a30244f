#include "audio/decoder/playback.hpp"

#include <algorithm>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
}

#include "audio/decoder/frames.hpp"

namespace hs::audio::decoder {

struct PlaybackEncoder::State {
    int rate = 0;
    int channels = 0;
    AVCodecContext* codec = nullptr;
    AVFrame* frame = av_frame_alloc();
    AVPacket* packet = av_packet_alloc();
    std::vector<std::int16_t> pending; // interleaved
    std::size_t to_skip = 0;
    std::int64_t position = 0;

    [[nodiscard]] bool encode_pending(std::size_t samples);
    [[nodiscard]] bool send_packets();
};

PlaybackEncoder::PlaybackEncoder(int rate, int channels) : state_(std::make_unique<State>()) {
    state_->rate = rate;
    state_->channels = channels;
}

PlaybackEncoder::~PlaybackEncoder() {
    av_frame_free(&state_->frame);
    av_packet_free(&state_->packet);
    avcodec_free_context(&state_->codec);
}

bool PlaybackEncoder::open() {
    const AVCodec* encoder = avcodec_find_encoder_by_name("libmp3lame");
    if (encoder == nullptr) return false;
    AVCodecContext* codec = state_->codec = avcodec_alloc_context3(encoder);
    if (codec == nullptr) return false;
    codec->sample_rate = state_->rate;
    codec->sample_fmt = AV_SAMPLE_FMT_S16P;
    codec->bit_rate = state_->channels == 1 ? 48000 : 64000;
    codec->time_base = AVRational{1, state_->rate};
    codec->thread_count = 1;
    av_channel_layout_default(&codec->ch_layout, state_->channels);
    // Without a bit reservoir every frame stands alone: a player may start at any byte range.
    av_opt_set_int(codec->priv_data, "reservoir", 0, 0);
    if (avcodec_open2(codec, encoder, nullptr) != 0) return false;
    AVFrame* frame = state_->frame;
    frame->format = codec->sample_fmt;
    frame->sample_rate = codec->sample_rate;
    frame->nb_samples = codec->frame_size;
    av_channel_layout_default(&frame->ch_layout, state_->channels);
    if (av_frame_get_buffer(frame, 0) != 0) return false;
    // Encoder and decoder together delay the sound; leaving out as much at the front keeps a second
    // of the copy at the second of the call.
    state_->to_skip = static_cast<std::size_t>(codec->initial_padding) *
                      static_cast<std::size_t>(state_->channels);
    return true;
}

bool PlaybackEncoder::State::send_packets() {
    for (;;) {
        const int got = avcodec_receive_packet(codec, packet);
        if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return true;
        if (got < 0) return false;
        const bool sent =
            write_frame(FrameKind::encoded, {packet->data, static_cast<std::size_t>(packet->size)});
        av_packet_unref(packet);
        if (!sent) return false;
    }
}

bool PlaybackEncoder::State::encode_pending(std::size_t samples) {
    if (av_frame_make_writable(frame) != 0) return false;
    const auto count = static_cast<std::size_t>(channels);
    for (std::size_t channel = 0; channel < count; ++channel) {
        auto* plane = reinterpret_cast<std::int16_t*>(frame->extended_data[channel]);
        for (std::size_t i = 0; i < samples; ++i)
            plane[i] = pending[i * count + channel];
    }
    frame->nb_samples = static_cast<int>(samples);
    frame->pts = position;
    position += frame->nb_samples;
    pending.erase(pending.begin(), pending.begin() + static_cast<long>(samples * count));
    return avcodec_send_frame(codec, frame) == 0 && send_packets();
}

bool PlaybackEncoder::add(std::span<const std::int16_t> interleaved) {
    const auto skipped = std::min(state_->to_skip, interleaved.size());
    state_->to_skip -= skipped;
    interleaved = interleaved.subspan(skipped);
    state_->pending.insert(state_->pending.end(), interleaved.begin(), interleaved.end());
    const auto frame_samples = static_cast<std::size_t>(state_->codec->frame_size);
    const auto whole = frame_samples * static_cast<std::size_t>(state_->channels);
    while (state_->pending.size() >= whole)
        if (!state_->encode_pending(frame_samples)) return false;
    return true;
}

bool PlaybackEncoder::finish() {
    const auto rest = state_->pending.size() / static_cast<std::size_t>(state_->channels);
    if (rest > 0 && !state_->encode_pending(rest)) return false;
    return avcodec_send_frame(state_->codec, nullptr) == 0 && state_->send_packets();
}

} // namespace hs::audio::decoder
