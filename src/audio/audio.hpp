/// From foreign bytes to facts, speech tracks, peaks and a playback copy.
///
/// Foreign bytes are only ever parsed by the hacksmart-decode child, which locks itself down before
/// it reads the first of them. Everything after that works on our own PCM.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "domain/audio_facts.hpp"

namespace hs::audio {

inline constexpr int speech_rate_hz = 16000;

/// One speaker channel: 16 kHz, mono, int16.
struct Track {
    std::string name; // "ch0", "ch1", "mix"
    std::vector<std::int16_t> samples;
};

struct Peaks {
    int per_second = 100;
    /// One row a track: pairs (min, max) of int8, interleaved.
    std::vector<std::vector<std::int8_t>> channels;
};

/// One row of peaks reduced (or repeated) to `points` pairs (min, max), for a drawing of any width.
[[nodiscard]] std::vector<std::int8_t> peaks_at(const std::vector<std::int8_t>& row, int points);

struct DecodeLimits {
    std::chrono::seconds cpu{60};
    std::chrono::seconds wall{120};
    std::int64_t max_duration_ms = 4 * 3600 * 1000;
    std::int64_t min_duration_ms = 1000;
    std::uint64_t address_space_bytes = 512u << 20;
};

struct Decoded {
    AudioFacts facts;          // layout, voice activity, loudness included
    std::vector<Track> tracks; // 1 (mono, dual_mono) or 2 (stereo, cross-talk gated)
    Peaks peaks;
};

/// A speaker's stretch of speech found in a mono recording.
struct SpeakerSegment {
    Span span;
    int speaker = 0; // 0 or 1
};

struct Diarisation {
    std::vector<SpeakerSegment> segments; // in order
    double confidence = 0;                // mean silhouette
};

/// A stretch of a playback copy that must not be heard.
struct AudioMask {
    Span span;
    int channel = -1; // of the file; -1: all of them
};

/// Masks in order, those of one channel joined when they are less than `gap_ms` apart; as many
/// neighbours more as are needed to leave at most 256.
[[nodiscard]] std::vector<AudioMask> joined_masks(std::vector<AudioMask> masks, int gap_ms = 400);

struct DecoderOptions {
    /// Decode even where the kernel has no seccomp (setting ALLOW_UNSANDBOXED).
    bool allow_unsandboxed = false;
    /// For tests: what the child does instead of decoding, see decoder/probes.hpp.
    std::string probe;
};

class DecoderHost;

class Decoder {
public:
    /// `program`: path of hacksmart-decode.
    explicit Decoder(std::filesystem::path program, DecoderOptions options = {});
    ~Decoder();

    /// Starts the program ahead of the first recording, without waiting for it.
    /// Errors: unavailable "sandbox.unavailable".
    [[nodiscard]] Result<void> prepare() const;

    /// Blocking; call it on the CPU pool. `fd` is a read-only, seekable file; its offset is neither
    /// used nor moved, so one descriptor may be decoded several times at once.
    /// Errors (all invalid): audio.empty, audio.unsupported_format, audio.invalid,
    /// audio.too_short, audio.too_long; unavailable "sandbox.unavailable".
    [[nodiscard]] Result<Decoded> decode(int fd, const DecodeLimits& limits) const;

    /// The facts alone, in constant memory whatever the length: what ingest needs. Same errors.
    [[nodiscard]] Result<AudioFacts> probe(int fd, const DecodeLimits& limits) const;

    /// Constant-bit-rate mp3 for playback (mono 48, stereo 64 kbit/s) written into `out`.
    /// The masks (see joined_masks) are covered with a tone of 1 kHz at -20 dBFS; what lies under
    /// them is not in the copy.
    [[nodiscard]] Result<void> encode_playback(int fd,
                                               int out,
                                               const DecodeLimits& limits,
                                               std::span<const AudioMask> masks = {}) const;

private:
    std::unique_ptr<DecoderHost> host_;
    DecoderOptions options_;
};

/// What a person should know of the recording: silent, truncated, dual_mono, clipped.
[[nodiscard]] std::vector<std::string> media_flags(const AudioFacts& facts);

/// Splits one mono track between two speakers. `seed` = low 64 bits of the audio's hash.
[[nodiscard]] Diarisation
separate_speakers(const Track& track, const std::vector<Span>& speech, std::uint64_t seed);

} // namespace hs::audio
