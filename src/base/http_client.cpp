#include "base/http_client.hpp"

#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/http_transfer.hpp"
#include "base/text.hpp"

namespace hs {

namespace asio = boost::asio;
using detail::Transfer;
using detail::Waiter;

std::optional<std::string> InboundReply::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (iequals_ascii(key, name)) return value;
    return std::nullopt;
}

namespace {

/// Resumes a coroutine on the executor it waits on. Counts as work there, so that an io_context
/// does not end while a reply is outstanding.
template <typename Handler>
class CoroutineWaiter final : public Waiter {
public:
    explicit CoroutineWaiter(Handler handler)
        : handler_(std::move(handler)),
          executor_(asio::prefer(asio::get_associated_executor(handler_),
                                 asio::execution::outstanding_work.tracked)) {}

    void deliver(Result<InboundReply> result) override {
        asio::post(executor_, [handler = std::move(handler_), reply = std::move(result)]() mutable {
            std::move(handler)(std::move(reply));
        });
    }

private:
    Handler handler_;
    asio::any_io_executor executor_;
};

/// One libcurl multi handle and its thread.
class Loop {
public:
    Loop() : multi_(curl_multi_init()) {
        if (!multi_) throw std::runtime_error("libcurl gave no multi handle");
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    ~Loop() {
        thread_.request_stop();
        curl_multi_wakeup(multi_);
        thread_.join();
        curl_multi_cleanup(multi_);
    }

    void add(std::unique_ptr<Transfer> transfer) {
        transfer->watch_stop([this] { curl_multi_wakeup(multi_); });
        {
            const std::scoped_lock lock(mutex_);
            arrived_.push_back(std::move(transfer));
        }
        curl_multi_wakeup(multi_);
    }

private:
    void run(const std::stop_token& stop) {
        sigset_t signals; // OpenSSL may write to a closed socket
        sigemptyset(&signals);
        sigaddset(&signals, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        while (!stop.stop_requested()) {
            start_arrived();
            int running = 0;
            curl_multi_perform(multi_, &running);
            finish_done();
            curl_multi_poll(multi_, nullptr, 0, end_overdue(), nullptr);
        }
        start_arrived();
        while (!running_.empty())
            end(running_.begin()->first,
                fail(ErrorKind::unavailable, "egress.interrupted", "the program is stopping"));
    }

    void start_arrived() {
        std::vector<std::unique_ptr<Transfer>> arrived;
        {
            const std::scoped_lock lock(mutex_);
            arrived.swap(arrived_);
        }
        for (auto& transfer : arrived) {
            if (const auto ready = transfer->prepare(); !ready) {
                transfer->deliver(std::unexpected(ready.error()));
                continue;
            }
            auto* easy = transfer->handle();
            curl_multi_add_handle(multi_, easy);
            running_.emplace(easy, std::move(transfer));
        }
    }

    void finish_done() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            auto* easy = message->easy_handle;
            end(easy, running_.at(easy)->outcome(message->data.result));
        }
    }

    /// Ends what is out of time or cancelled; milliseconds until there may be more of it.
    int end_overdue() {
        using namespace std::chrono;
        const auto now = steady_clock::now();
        auto next = now + seconds(1);
        std::vector<std::pair<CURL*, Error>> over;
        for (const auto& [easy, transfer] : running_) {
            if (auto error = transfer->overdue(now)) {
                over.emplace_back(easy, std::move(*error));
            } else {
                next = std::min(next, transfer->next_deadline());
            }
        }
        for (auto& [easy, error] : over)
            end(easy, std::unexpected(std::move(error)));
        return static_cast<int>(ceil<milliseconds>(next - now).count());
    }

    void end(CURL* easy, Result<InboundReply> result) {
        auto node = running_.extract(easy);
        curl_multi_remove_handle(multi_, easy);
        node.mapped()->deliver(std::move(result));
    }

    CURLM* multi_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Transfer>> arrived_;
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> running_; // the thread's own
    std::jthread thread_;
};

struct GlobalCurl {
    GlobalCurl() {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            throw std::runtime_error("libcurl does not start");
    }
};

} // namespace

/// Destinations that may be internal have a loop of their own: a connection kept alive to one of
/// them must never be found by a request that may not go there.
struct HttpClient::State {
    GlobalCurl curl;
    Loop outside;
    Loop inside;
};

HttpClient::HttpClient() : state_(std::make_unique<State>()) {}

HttpClient::~HttpClient() = default;

Task<Result<InboundReply>> HttpClient::send(OutboundRequest request) {
    Loop* const loop = request.allow_private ? &state_->inside : &state_->outside;
    // Pointers only: g++ 12 destroys other captures of an initiation twice.
    auto start = [](auto handler, Loop* to, OutboundRequest* what) {
        using Handler = std::decay_t<decltype(handler)>;
        to->add(std::make_unique<Transfer>(
            std::move(*what), std::make_unique<CoroutineWaiter<Handler>>(std::move(handler))));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                            void(Result<InboundReply>)>(
        start, asio::use_awaitable, loop, &request);
}

} // namespace hs
