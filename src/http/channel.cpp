#include "http/channel.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hs::http {

namespace asio = boost::asio;
using boost::system::error_code;

Channel::Channel(asio::ip::tcp::socket socket)
    : socket_(std::move(socket)), watch_(socket_.get_executor(), [this] { interrupt(); }) {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Channel::consume(std::size_t bytes) {
    used_ += bytes;
    if (used_ < buffer_.size()) return;
    buffer_.clear();
    used_ = 0;
}

void Channel::shrink() {
    if (buffer_.empty()) buffer_.shrink_to_fit();
}

Task<Channel::Read> Channel::read_some(std::size_t most, Instant deadline) {
    if (used_ > 0) {
        buffer_.erase(0, used_);
        used_ = 0;
    }
    const auto before = buffer_.size();
    buffer_.resize(before + most);
    error_code ec;
    watch_.until(deadline);
    const auto count = co_await socket_.async_read_some(
        asio::buffer(buffer_.data() + before, most), asio::redirect_error(asio::use_awaitable, ec));
    const bool expired = watch_.expired();
    watch_.off();
    buffer_.resize(before + count);
    if (count > 0) co_return Read::some;
    co_return expired || ec == asio::error::operation_aborted ? Read::timeout : Read::end;
}

Task<bool>
Channel::write(std::string_view first, std::string_view second, std::chrono::milliseconds stall) {
    while (!first.empty() || !second.empty()) {
        const std::array<asio::const_buffer, 2> both{asio::buffer(first), asio::buffer(second)};
        error_code ec;
        watch_.until(std::chrono::steady_clock::now() + stall);
        auto count =
            co_await socket_.async_write_some(both, asio::redirect_error(asio::use_awaitable, ec));
        watch_.off();
        if (ec) co_return false;
        const auto of_first = std::min(count, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(count - of_first);
    }
    co_return true;
}

Task<void> Channel::linger(std::size_t most, std::chrono::milliseconds limit) {
    error_code ec;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    std::string dropped(16 << 10, '\0');
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::size_t total = 0;
    while (!ec && total < most) {
        watch_.until(deadline);
        total += co_await socket_.async_read_some(asio::buffer(dropped),
                                                  asio::redirect_error(asio::use_awaitable, ec));
    }
    watch_.off();
}

/// What the waiting read holds: it may outlive the channel by one turn of the loop.
struct Channel::PeerWatch {
    std::function<void()> on_end; // empty: nobody asks any more
    std::array<char, 512> dropped{};
};

/// The waiting read ends after us and must not call back.
Channel::~Channel() {
    if (peer_) peer_->on_end = nullptr;
}

void Channel::watch_peer(std::function<void()> on_end) {
    peer_ = std::make_shared<PeerWatch>();
    peer_->on_end = std::move(on_end);
    read_and_drop(peer_);
}

void Channel::read_and_drop(std::shared_ptr<PeerWatch> watch) {
    const auto buffer = asio::buffer(watch->dropped);
    socket_.async_read_some(buffer, [this, watch](const error_code& ec, std::size_t) {
        if (!watch->on_end) return; // the channel may be gone
        if (ec)
            watch->on_end();
        else
            read_and_drop(watch);
    });
}

void Channel::forget_peer() {
    if (!peer_) return;
    peer_->on_end = nullptr;
    peer_.reset();
    interrupt();
}

void Channel::interrupt() {
    error_code ignored;
    socket_.cancel(ignored);
}

void Channel::close() {
    error_code ignored;
    socket_.close(ignored);
}

bool Channel::has_unread() const {
    error_code ec;
    return socket_.available(ec) > 0 && !ec;
}

std::string Channel::remote_address() const {
    error_code ec;
    const auto endpoint = socket_.remote_endpoint(ec);
    return ec ? std::string() : endpoint.address().to_string();
}

} // namespace hs::http
