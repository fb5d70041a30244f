/// A socket with its read buffer and its one deadline. Used by one coroutine at a time, on one
/// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "base/task.hpp"
#include "http/watch.hpp"

namespace hs::http {

class Channel {
public:
    enum class Read { some, end, timeout };

    explicit Channel(boost::asio::ip::tcp::socket socket);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// Received and not yet consumed.
    [[nodiscard]] std::string_view received() const {
        return std::string_view(buffer_).substr(used_);
    }

    void consume(std::size_t bytes);
    /// Gives the memory of the buffer back when nothing is in it.
    void shrink();

    /// Adds what arrives, at most `most` bytes, before `deadline`. A broken connection is an end.
    Task<Read> read_some(std::size_t most, Instant deadline);
    /// Writes both texts; false when the peer is gone or takes nothing for `stall`.
    Task<bool>
    write(std::string_view first, std::string_view second, std::chrono::milliseconds stall);
    /// Half-closes and drops what still comes: the peer reads our answer before it sees a reset.
    Task<void> linger(std::size_t most, std::chrono::milliseconds limit);

    /// Lets a waiting read end with Read::timeout.
    void interrupt();

    /// Calls `on_end` when the peer closes while nobody reads; what it sends meanwhile is dropped.
    void watch_peer(std::function<void()> on_end);
    void forget_peer();

    /// Moves the deadline of a waiting read.
    void limit(Instant deadline) { watch_.until(deadline); }

    void close();
    /// Bytes that have arrived but were not read.
    [[nodiscard]] bool has_unread() const;
    [[nodiscard]] std::string remote_address() const;

private:
    struct PeerWatch;
    void read_and_drop(std::shared_ptr<PeerWatch> watch);

    boost::asio::ip::tcp::socket socket_;
    Watch watch_;
    std::string buffer_;
    std::size_t used_ = 0;
    std::shared_ptr<PeerWatch> peer_;
};

} // namespace hs::http
