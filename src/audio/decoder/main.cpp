/// hacksmart-decode: decodes recordings for the program at the other end of its standard input, one
/// locked-down child each; see protocol.hpp. Not meant to be called by hand.
#include <cstring>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

extern "C" {
#include <libavutil/log.h>
}

#include "audio/decoder/decode.hpp"
#include "audio/decoder/frames.hpp"
#include "audio/decoder/host.hpp"
#include "audio/decoder/lockdown.hpp"
#include "audio/decoder/probes.hpp"
#include "audio/decoder/source.hpp"

namespace {

using namespace hs::audio::decoder;

void carry_out(const Order& order, const CallFilter& filter) {
    const std::string_view probe(order.probe, ::strnlen(order.probe, sizeof order.probe));
    struct stat facts{};
    const bool seekable = ::fstat(STDIN_FILENO, &facts) == 0 && S_ISREG(facts.st_mode);
    const bool filtered = lock_down({order.address_space_bytes, order.cpu_seconds},
                                    without_filter(probe) ? nullptr : &filter);
    if (!filtered && order.allow_unsandboxed == 0)
        write_end(Outcome::sandbox_unavailable, 0, "seccomp is missing");
    else if (!probe.empty())
        carry_out_probe(probe);
    else if (!seekable)
        write_end(Outcome::usage, 0, "standard input is no file");
    else
        decode_stdin(facts.st_size, order);
}

} // namespace

int main() {
    av_log_set_level(AV_LOG_QUIET);
    confine_host();
    warm_up_decoders();
    serve_orders(STDIN_FILENO, carry_out);
    return 0;
}
