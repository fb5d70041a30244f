#include "audio/decoder/frames.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <sys/uio.h>
#include <unistd.h>

namespace hs::audio::decoder {

namespace {

constexpr std::size_t samples_per_frame = 32768;

bool write_parts(std::array<iovec, 2> parts) {
    std::size_t first = 0;
    while (first < parts.size()) {
        const ssize_t wrote =
            ::writev(STDOUT_FILENO, &parts.at(first), static_cast<int>(parts.size() - first));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        auto left = static_cast<std::size_t>(wrote);
        while (first < parts.size() && left >= parts.at(first).iov_len) {
            left -= parts.at(first).iov_len;
            ++first;
        }
        if (first < parts.size()) {
            parts.at(first).iov_base = static_cast<char*>(parts.at(first).iov_base) + left;
            parts.at(first).iov_len -= left;
        }
    }
    return true;
}

template <typename Record>
std::span<const std::uint8_t> bytes_of(const Record& record) {
    return {reinterpret_cast<const std::uint8_t*>(&record), sizeof record};
}

std::uint32_t processor_time_us() {
    timespec used{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return 0;
    return static_cast<std::uint32_t>(used.tv_sec * 1'000'000 + used.tv_nsec / 1000);
}

} // namespace

bool write_frame(FrameKind kind, std::span<const std::uint8_t> payload) {
    FrameHead head{kind, static_cast<std::uint32_t>(payload.size())};
    return write_parts({iovec{&head, sizeof head},
                        iovec{const_cast<std::uint8_t*>(payload.data()), payload.size()}});
}

bool write_facts(const StreamFacts& facts) {
    return write_frame(FrameKind::facts, bytes_of(facts));
}

void write_end(Outcome outcome, std::uint64_t samples, std::string_view detail) {
    EndRecord end{};
    end.outcome = outcome;
    end.samples = samples;
    end.cpu_us = processor_time_us();
    std::memcpy(end.detail, detail.data(), std::min(detail.size(), sizeof end.detail - 1));
    // A reader that has gone learns of it by the closed pipe.
    static_cast<void>(write_frame(FrameKind::end, bytes_of(end)));
}

PcmWriter::PcmWriter() {
    pending_.reserve(2 * samples_per_frame);
}

bool PcmWriter::add(std::span<const std::int16_t> samples) {
    while (!samples.empty()) {
        const auto take = std::min(samples.size(), samples_per_frame - pending_.size());
        pending_.insert(pending_.end(), samples.begin(), samples.begin() + static_cast<long>(take));
        samples = samples.subspan(take);
        if (pending_.size() == samples_per_frame && !flush()) return false;
    }
    return true;
}

bool PcmWriter::flush() {
    if (pending_.empty()) return true;
    const bool sent = write_frame(FrameKind::pcm,
                                  {reinterpret_cast<const std::uint8_t*>(pending_.data()),
                                   pending_.size() * sizeof(std::int16_t)});
    pending_.clear();
    return sent;
}

} // namespace hs::audio::decoder
