#include "audio/decoder_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hs::audio {

using decoder::EndRecord;
using decoder::FrameHead;
using decoder::FrameKind;
using std::chrono::steady_clock;

DecoderProcess::DecoderProcess(Fd child, Fd output, std::chrono::seconds wall)
    : child_(std::move(child)), output_(std::move(output)), deadline_(steady_clock::now() + wall) {}

DecoderProcess::~DecoderProcess() {
    // After its end record a child has nothing left to do; before it, it has lost its reader.
    if (child_) ::syscall(SYS_pidfd_send_signal, child_.get(), SIGKILL, nullptr, 0);
}

std::unexpected<Error> DecoderProcess::misbehaviour(const char* what) {
    misbehaved_ = true;
    return fail(ErrorKind::invalid, "audio.invalid", what);
}

Result<void> DecoderProcess::read_exactly(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline_ - steady_clock::now());
        if (left.count() <= 0) return misbehaviour("decoding took too long");
        pollfd waiting{.fd = output_.get(), .events = POLLIN, .revents = 0};
        const auto wait_ms = std::min<std::int64_t>(left.count(), 60000);
        const int ready = ::poll(&waiting, 1, static_cast<int>(wait_ms));
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        const ssize_t got = ::read(output_.get(), out.data(), out.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return misbehaviour("the file broke its decoder");
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<EndRecord> DecoderProcess::read_frames(const OnFrame& on_frame) {
    std::vector<std::uint8_t> payload(decoder::max_frame_bytes);
    for (;;) {
        FrameHead head{};
        TRY_VOID(read_exactly({reinterpret_cast<std::uint8_t*>(&head), sizeof head}));
        if (head.length > decoder::max_frame_bytes) return misbehaviour("the decoder lost its way");
        const auto filled = std::span(payload).first(head.length);
        TRY_VOID(read_exactly(filled));
        switch (head.kind) {
        case FrameKind::facts:
        case FrameKind::pcm:
        case FrameKind::encoded: TRY_VOID(on_frame(head.kind, filled)); continue;
        case FrameKind::end: {
            EndRecord end{};
            if (filled.size() != sizeof end) return misbehaviour("the decoder lost its way");
            std::memcpy(&end, filled.data(), sizeof end);
            return end;
        }
        }
        return misbehaviour("the decoder lost its way");
    }
}

} // namespace hs::audio
