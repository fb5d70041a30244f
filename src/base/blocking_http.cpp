#include "base/blocking_http.hpp"

#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace hs {

namespace asio = boost::asio;

/// The members' order is the one the client asks for: it ends before the context it completes on.
struct BlockingHttp::State {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work = make_work_guard(context);
    std::jthread thread{[this] { context.run(); }};
    std::unique_ptr<HttpClient> client = std::make_unique<HttpClient>();

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ~State() {
        client.reset();
        work.reset();
        thread.join();
    }
};

BlockingHttp::BlockingHttp() : state_(std::make_unique<State>()) {}

BlockingHttp::~BlockingHttp() = default;

Result<InboundReply> BlockingHttp::send(OutboundRequest request) {
    auto reply =
        asio::co_spawn(state_->context, state_->client->send(std::move(request)), asio::use_future);
    return reply.get();
}

} // namespace hs
