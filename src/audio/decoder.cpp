#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>
#include <utility>

#include "audio/audio.hpp"
#include "audio/decoder_host.hpp"
#include "audio/pcm_collector.hpp"
#include "audio/piece_summary.hpp"
#include "audio/sound_facts.hpp"

namespace hs::audio {

namespace {

using decoder::EndRecord;
using decoder::FrameKind;
using decoder::Outcome;

constexpr int kept_channels = 2;

decoder::Order
order_for(decoder::Mode mode, const DecodeLimits& limits, const DecoderOptions& options) {
    decoder::Order order;
    order.mode = mode;
    order.cpu_seconds = static_cast<std::uint64_t>(limits.cpu.count());
    order.address_space_bytes = limits.address_space_bytes;
    order.max_ms = limits.max_duration_ms;
    order.allow_unsandboxed = options.allow_unsandboxed ? 1 : 0;
    options.probe.copy(order.probe, sizeof order.probe - 1);
    return order;
}

Result<void> check(const EndRecord& end) {
    const auto invalid = [](const char* code, const char* message) {
        return fail(ErrorKind::invalid, code, message);
    };
    switch (end.outcome) {
    case Outcome::ok: return {};
    case Outcome::empty: return invalid("audio.empty", "the file holds no sound");
    case Outcome::unsupported_format:
        return invalid("audio.unsupported_format",
                       "accepted are mp3, wav, ogg, flac, m4a (aac) and webm (opus)");
    case Outcome::invalid: return invalid("audio.invalid", "the file cannot be decoded");
    case Outcome::too_long:
        return invalid("audio.too_long", "the recording is longer than allowed");
    case Outcome::sandbox_unavailable:
        return fail(ErrorKind::unavailable,
                    "sandbox.unavailable",
                    "this system cannot confine the decoder (no seccomp)");
    case Outcome::usage:
        return fail(ErrorKind::unavailable,
                    "sandbox.unavailable",
                    "the decoder program does not fit this version");
    }
    return invalid("audio.invalid", "the file cannot be decoded");
}

/// The two channels that carry most, in the order of the file.
std::pair<int, int> most_energetic_pair(const std::vector<double>& energies) {
    std::vector<int> order(energies.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](int a, int b) {
        return energies[static_cast<std::size_t>(a)] > energies[static_cast<std::size_t>(b)];
    });
    return std::minmax({order[0], order[1]});
}

AudioFacts file_facts(const decoder::StreamFacts& stream, std::uint64_t samples, int fd) {
    AudioFacts facts;
    facts.duration_ms = static_cast<int>(samples * 1000 / speech_rate_hz);
    if (stream.header_duration_ms > 0) {
        // A header may claim any length; the field is an int.
        constexpr std::int64_t longest = 1'000'000'000;
        facts.header_duration_ms = static_cast<int>(std::min(stream.header_duration_ms, longest));
        facts.truncated = facts.duration_ms < 0.9 * *facts.header_duration_ms;
    }
    facts.sample_rate = stream.sample_rate;
    facts.channels = stream.channels;
    facts.format = stream.format;
    facts.codec = stream.codec;
    facts.bit_rate = stream.bit_rate;
    if (facts.bit_rate == 0 && facts.duration_ms > 0)
        facts.bit_rate = static_cast<std::int64_t>(file_size(fd)) * 8000 / facts.duration_ms;
    return facts;
}

} // namespace

Decoder::Decoder(std::filesystem::path program, DecoderOptions options)
    : host_(std::make_unique<DecoderHost>(std::move(program))), options_(std::move(options)) {}

Decoder::~Decoder() = default;

Result<void> Decoder::prepare() const {
    return host_->prepare();
}

Result<Decoded> Decoder::decode(int fd, const DecodeLimits& limits) const {
    PcmCollector collector(limits.max_duration_ms, kept_channels, limits.max_duration_ms);
    const auto run = [&](const decoder::Order& order, PcmCollector& into) -> Result<void> {
        TRY(const auto end, host_->run(order, fd, limits.wall, [&](FrameKind kind, auto payload) {
            return into.take(kind, payload);
        }));
        TRY_VOID(check(end));
        if (!into.facts() || into.samples() != end.samples)
            return fail(ErrorKind::invalid, "audio.invalid", "the decoder lost its way");
        return {};
    };
    auto order = order_for(decoder::Mode::pcm, limits, options_);
    TRY_VOID(run(order, collector));
    if (!collector.stored()) { // more than two: the first pass only weighed them
        std::tie(order.picked[0], order.picked[1]) = most_energetic_pair(collector.energies());
        collector = PcmCollector(limits.max_duration_ms, kept_channels, limits.max_duration_ms);
        TRY_VOID(run(order, collector));
        if (!collector.stored())
            return fail(ErrorKind::invalid, "audio.invalid", "the decoder lost its way");
    }
    if (collector.samples() == 0)
        return fail(ErrorKind::invalid, "audio.empty", "the file holds no sound");
    auto facts = file_facts(*collector.facts(), collector.samples(), fd);
    if (facts.duration_ms < limits.min_duration_ms)
        return fail(
            ErrorKind::invalid, "audio.too_short", "the recording is shorter than a second");
    return examine(std::move(facts), collector.release());
}

Result<AudioFacts> Decoder::probe(int fd, const DecodeLimits& limits) const {
    PcmCollector collector(limits.max_duration_ms, kept_channels, piece_ms);
    PieceSummary summary;
    constexpr auto piece_samples = static_cast<std::size_t>(piece_ms) * speech_rate_hz / 1000;
    const auto take = [&](FrameKind kind, std::span<const std::uint8_t> payload) -> Result<void> {
        TRY_VOID(collector.take(kind, payload));
        if (auto piece = collector.take_piece(piece_samples)) summary.add(*std::move(piece));
        return {};
    };
    const auto order = order_for(decoder::Mode::pcm, limits, options_);
    TRY(const auto end, host_->run(order, fd, limits.wall, take));
    TRY_VOID(check(end));
    if (!collector.facts() || collector.samples() != end.samples)
        return fail(ErrorKind::invalid, "audio.invalid", "the decoder lost its way");
    if (collector.samples() == 0)
        return fail(ErrorKind::invalid, "audio.empty", "the file holds no sound");
    auto facts = file_facts(*collector.facts(), collector.samples(), fd);
    if (facts.duration_ms < limits.min_duration_ms)
        return fail(
            ErrorKind::invalid, "audio.too_short", "the recording is shorter than a second");
    if (!collector.stored()) { // more than two channels: rare, and weighed in two passes
        TRY(auto decoded, decode(fd, limits));
        return std::move(decoded.facts);
    }
    summary.add(collector.release());
    summary.conclude(facts);
    return facts;
}

Result<void> Decoder::encode_playback(int fd,
                                      int out,
                                      const DecodeLimits& limits,
                                      std::span<const AudioMask> masks) const {
    // 64 kbit/s are 8 bytes a millisecond; more than that is not our encoder.
    const auto most_bytes = static_cast<std::uint64_t>(limits.max_duration_ms) * 8 + (1u << 20);
    std::uint64_t written = 0;
    const auto take = [&](FrameKind kind, std::span<const std::uint8_t> payload) -> Result<void> {
        if (kind == FrameKind::facts) return {};
        written += payload.size();
        if (kind != FrameKind::encoded || written > most_bytes)
            return fail(ErrorKind::invalid, "audio.invalid", "the decoder lost its way");
        return write_all(out, payload);
    };
    auto order = order_for(decoder::Mode::playback, limits, options_);
    // Leaving one out would let be heard what must not be.
    if (masks.size() > decoder::max_masks)
        return fail(ErrorKind::internal, "audio.too_many_masks", "join the masks first");
    for (const auto& mask : masks)
        order.masks[order.mask_count++] = {mask.span.start_ms, mask.span.end_ms, mask.channel};
    TRY(const auto end, host_->run(order, fd, limits.wall, take));
    return check(end);
}

std::vector<std::string> media_flags(const AudioFacts& facts) {
    constexpr double much_clipping = 0.002; // below this a peak or two touched full scale
    std::vector<std::string> flags;
    if (no_speech(facts)) flags.emplace_back("silent");
    if (facts.truncated) flags.emplace_back("truncated");
    if (facts.layout == Layout::dual_mono) flags.emplace_back("dual_mono");
    if (std::ranges::any_of(facts.channel_facts, [](const ChannelFacts& channel) {
            return channel.clipped_ratio > much_clipping;
        }))
        flags.emplace_back("clipped");
    return flags;
}

} // namespace hs::audio
