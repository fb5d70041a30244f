#include "audio/decoder/source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include <unistd.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace hs::audio::decoder {

namespace {

constexpr int read_buffer_bytes = 64 << 10;

struct Accepted {
    Format format;
    AVCodecID id;
    const char* decoder; // by name: the library may prefer another one
    const char* label;
};

/// Everything we decode; a stream that is not listed does not exist for us.
constexpr std::array<Accepted, 14> accepted = {{
    {Format::mp3, AV_CODEC_ID_MP3, "mp3float", "mp3"},
    {Format::wav, AV_CODEC_ID_PCM_U8, "pcm_u8", "pcm_u8"},
    {Format::wav, AV_CODEC_ID_PCM_S16LE, "pcm_s16le", "pcm_s16le"},
    {Format::wav, AV_CODEC_ID_PCM_S24LE, "pcm_s24le", "pcm_s24le"},
    {Format::wav, AV_CODEC_ID_PCM_S32LE, "pcm_s32le", "pcm_s32le"},
    {Format::wav, AV_CODEC_ID_PCM_F32LE, "pcm_f32le", "pcm_f32le"},
    {Format::wav, AV_CODEC_ID_PCM_F64LE, "pcm_f64le", "pcm_f64le"},
    {Format::wav, AV_CODEC_ID_PCM_MULAW, "pcm_mulaw", "pcm_mulaw"},
    {Format::wav, AV_CODEC_ID_PCM_ALAW, "pcm_alaw", "pcm_alaw"},
    {Format::ogg, AV_CODEC_ID_OPUS, "opus", "opus"},
    {Format::ogg, AV_CODEC_ID_VORBIS, "vorbis", "vorbis"},
    {Format::flac, AV_CODEC_ID_FLAC, "flac", "flac"},
    {Format::m4a, AV_CODEC_ID_AAC, "aac", "aac"},
    {Format::webm, AV_CODEC_ID_OPUS, "opus", "opus"},
}};

const char* demuxer(Format format) {
    switch (format) {
    case Format::mp3: return "mp3";
    case Format::wav: return "wav";
    case Format::ogg: return "ogg";
    case Format::flac: return "flac";
    case Format::m4a: return "mov";
    case Format::webm: return "matroska";
    }
    return "";
}

/// A container that names another file (playlists, external tracks) gets nothing opened.
int refuse_nested_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
    return AVERROR(EPERM);
}

} // namespace

void warm_up_decoders() {
    for (const Accepted& one : accepted) {
        const AVCodec* decoder = avcodec_find_decoder_by_name(one.decoder);
        if (decoder == nullptr) continue;
        AVCodecContext* codec = avcodec_alloc_context3(decoder);
        if (codec == nullptr) continue;
        codec->thread_count = 1;
        codec->sample_rate = 16000;
        av_channel_layout_default(&codec->ch_layout, 1);
        // Some need a header of a real file; what they fill before they notice is filled.
        static_cast<void>(avcodec_open2(codec, decoder, nullptr));
        avcodec_free_context(&codec);
    }
}

struct SoundSource::State {
    int fd = -1;
    std::int64_t size = 0;
    Sniffed sniffed;
    std::int64_t position = 0; // in the file, not in the container
    AVIOContext* io = nullptr;
    AVFormatContext* container = nullptr;
    AVCodecContext* codec = nullptr;
    AVStream* stream = nullptr;
    const Accepted* kind = nullptr;
    AVPacket* packet = av_packet_alloc();
    AVFrame* frame = av_frame_alloc();
    std::int64_t packets = 0;
    bool draining = false;

    static int read(void* opaque, std::uint8_t* out, int length);
    static std::int64_t seek(void* opaque, std::int64_t offset, int whence);
    [[nodiscard]] bool open_container();
    [[nodiscard]] bool choose_stream();
    [[nodiscard]] bool open_codec();
    [[nodiscard]] Step feed();
    [[nodiscard]] std::int64_t packet_ms() const;
    ~State();
};

int SoundSource::State::read(void* opaque, std::uint8_t* out, int length) {
    auto& self = *static_cast<State*>(opaque);
    ssize_t got = 0;
    do
        got = ::pread(self.fd, out, static_cast<std::size_t>(length), self.position);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return AVERROR_EOF;
    self.position += got;
    return static_cast<int>(got);
}

std::int64_t SoundSource::State::seek(void* opaque, std::int64_t offset, int whence) {
    auto& self = *static_cast<State*>(opaque);
    if ((whence & AVSEEK_SIZE) != 0) return self.size - self.sniffed.start;
    if (whence == SEEK_CUR) offset += self.position - self.sniffed.start;
    if (whence == SEEK_END) offset += self.size - self.sniffed.start;
    if (offset < 0 || offset > self.size - self.sniffed.start) return AVERROR(EINVAL);
    self.position = self.sniffed.start + offset;
    return offset;
}

bool SoundSource::State::open_container() {
    auto* buffer = static_cast<std::uint8_t*>(av_malloc(read_buffer_bytes));
    io = avio_alloc_context(buffer, read_buffer_bytes, 0, this, &read, nullptr, &seek);
    container = avformat_alloc_context();
    if (io == nullptr || container == nullptr) return false;
    container->pb = io;
    container->flags |= AVFMT_FLAG_CUSTOM_IO;
    container->io_open = &refuse_nested_open;
    container->probesize = 1 << 20;
    container->max_analyze_duration = 5 * AV_TIME_BASE;
    const AVInputFormat* input = av_find_input_format(demuxer(sniffed.format));
    // On failure the library frees the context and clears the pointer.
    return avformat_open_input(&container, "", input, nullptr) == 0;
}

bool SoundSource::State::choose_stream() {
    for (unsigned i = 0; i < container->nb_streams; ++i) {
        AVStream* candidate = container->streams[i];
        candidate->discard = AVDISCARD_ALL;
        if (stream != nullptr) continue;
        const auto found = std::ranges::find_if(accepted, [&](const Accepted& one) {
            return one.format == sniffed.format && one.id == candidate->codecpar->codec_id;
        });
        if (found == accepted.end()) continue;
        stream = candidate;
        kind = &*found;
        candidate->discard = AVDISCARD_DEFAULT;
    }
    return stream != nullptr;
}

bool SoundSource::State::open_codec() {
    const AVCodec* decoder = avcodec_find_decoder_by_name(kind->decoder);
    if (decoder == nullptr) return false;
    codec = avcodec_alloc_context3(decoder);
    if (codec == nullptr || avcodec_parameters_to_context(codec, stream->codecpar) < 0)
        return false;
    codec->thread_count = 1;
    codec->pkt_timebase = stream->time_base;
    return avcodec_open2(codec, decoder, nullptr) == 0;
}

std::int64_t SoundSource::State::packet_ms() const {
    if (packet->duration <= 0) return 0;
    const auto ms = av_rescale_q(packet->duration, stream->time_base, AVRational{1, 1000});
    return std::clamp<std::int64_t>(ms, 0, 200); // no packet of our codecs is longer
}

/// Hands the decoder the next packet. A damaged one counts as silence of its length, so that
/// everything after it keeps its place in time.
Step SoundSource::State::feed() {
    for (;;) {
        av_packet_unref(packet);
        const int got = av_read_frame(container, packet);
        if (got == AVERROR(EAGAIN)) continue;
        if (got < 0) {
            draining = true;
            static_cast<void>(avcodec_send_packet(codec, nullptr));
            return {.kind = Step::Kind::sound};
        }
        if (packet->stream_index != stream->index) continue;
        ++packets;
        if (avcodec_send_packet(codec, packet) == 0) return {.kind = Step::Kind::sound};
        if (const auto lost = packet_ms(); lost > 0)
            return {.kind = Step::Kind::lost, .lost_ms = lost};
    }
}

SoundSource::State::~State() {
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    avformat_close_input(&container);
    if (io != nullptr) av_freep(&io->buffer);
    avio_context_free(&io);
}

SoundSource::SoundSource(int fd, std::int64_t size, const Sniffed& sniffed)
    : state_(std::make_unique<State>()) {
    state_->fd = fd;
    state_->size = size;
    state_->sniffed = sniffed;
    state_->position = sniffed.start;
}

SoundSource::~SoundSource() = default;

Outcome SoundSource::open() {
    if (!state_->open_container()) return Outcome::invalid;
    if (!state_->choose_stream()) return Outcome::unsupported_format;
    return state_->open_codec() ? Outcome::ok : Outcome::invalid;
}

Step SoundSource::next() {
    for (;;) {
        const int got = avcodec_receive_frame(state_->codec, state_->frame);
        if (got == 0) return {.kind = Step::Kind::sound, .frame = state_->frame};
        if (state_->draining) return {.kind = Step::Kind::end};
        if (got != AVERROR(EAGAIN)) { // damaged inside: the packet has been consumed
            if (const auto lost = state_->packet_ms(); lost > 0) {
                av_packet_unref(state_->packet);
                return {.kind = Step::Kind::lost, .lost_ms = lost};
            }
        }
        const auto fed = state_->feed();
        if (fed.kind == Step::Kind::lost) return fed;
    }
}

const char* SoundSource::codec() const {
    return state_->kind->label;
}

std::int64_t SoundSource::bit_rate() const {
    return state_->stream->codecpar->bit_rate;
}

std::int64_t SoundSource::packets() const {
    return state_->packets;
}

std::int64_t SoundSource::header_duration_ms() const {
    const auto& sniffed = state_->sniffed;
    // mp3 and wav: our own reading. The library guesses lengths from the bit rate, or believes a
    // placeholder. Ogg has no length in its header.
    if (sniffed.format == Format::mp3 || sniffed.format == Format::wav)
        return sniffed.header_duration_ms.value_or(-1);
    if (sniffed.format == Format::ogg) return -1;
    const AVStream& stream = *state_->stream;
    if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0)
        return av_rescale_q(stream.duration, stream.time_base, AVRational{1, 1000});
    if (state_->container->duration > 0) return state_->container->duration / 1000;
    return -1;
}

} // namespace hs::audio::decoder
