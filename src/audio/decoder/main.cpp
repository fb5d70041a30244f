/// hacksmart-decode: decodes standard input behind a lockdown and writes protocol frames.
///
///   hacksmart-decode pcm|playback [--cpu SECONDS] [--memory BYTES] [--max-ms MS]
///                    [--channels A,B] [--allow-unsandboxed] [--probe NAME]
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

extern "C" {
#include <libavutil/log.h>
}

#include "audio/decoder/decode.hpp"
#include "audio/decoder/frames.hpp"
#include "audio/decoder/lockdown.hpp"
#include "audio/decoder/probes.hpp"

namespace {

using namespace hs::audio::decoder;

struct Arguments {
    DecodeOrder order;
    LockdownLimits limits;
    bool allow_unsandboxed = false;
    std::string probe;
};

template <typename Number>
bool read_number(std::string_view text, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

bool read_picks(std::string_view text, DecodeOrder& order) {
    const auto comma = text.find(',');
    return comma != std::string_view::npos && read_number(text.substr(0, comma), order.picked[0]) &&
           read_number(text.substr(comma + 1), order.picked[1]) && order.picked[0] >= 0 &&
           order.picked[1] >= 0;
}

bool read_option(std::string_view name, std::string_view value, Arguments& arguments) {
    if (name == "--cpu") return read_number(value, arguments.limits.cpu_seconds);
    if (name == "--memory") return read_number(value, arguments.limits.address_space_bytes);
    if (name == "--max-ms") return read_number(value, arguments.order.max_ms);
    if (name == "--channels") return read_picks(value, arguments.order);
    if (name == "--probe") {
        arguments.probe = value;
        return true;
    }
    return false;
}

std::optional<Arguments> read_arguments(int count, char** values) {
    Arguments arguments;
    if (count < 2) return std::nullopt;
    const std::string_view mode = values[1];
    if (mode != "pcm" && mode != "playback") return std::nullopt;
    arguments.order.mode = mode == "pcm" ? Mode::pcm : Mode::playback;
    for (int i = 2; i < count; ++i) {
        if (std::string_view(values[i]) == "--allow-unsandboxed") {
            arguments.allow_unsandboxed = true;
            continue;
        }
        if (i + 1 >= count || !read_option(values[i], values[i + 1], arguments))
            return std::nullopt;
        ++i;
    }
    return arguments;
}

} // namespace

int main(int count, char** values) {
    const auto arguments = read_arguments(count, values);
    if (!arguments) {
        write_end(Outcome::usage, 0, "usage");
        return 2;
    }
    struct stat facts{};
    const bool seekable = ::fstat(STDIN_FILENO, &facts) == 0 && S_ISREG(facts.st_mode);
    av_log_set_level(AV_LOG_QUIET);
    const auto lockdown = lock_down(arguments->limits, arguments->probe != "no_seccomp");
    if (lockdown == Lockdown::without_seccomp && !arguments->allow_unsandboxed)
        write_end(Outcome::sandbox_unavailable, 0, "seccomp is missing");
    else if (!arguments->probe.empty() && arguments->probe != "no_seccomp")
        write_end(Outcome::ok, 0, attempt(arguments->probe));
    else if (!seekable)
        write_end(Outcome::usage, 0, "standard input is no file");
    else
        decode_stdin(facts.st_size, arguments->order);
    // Straight out: nothing of this process is worth tidying up.
    ::_exit(0);
}
