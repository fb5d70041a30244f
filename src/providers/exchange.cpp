#include "providers/exchange.hpp"

#include <utility>

namespace hs::providers {

namespace {

class StraightExchange final : public Exchange {
public:
    explicit StraightExchange(Transport transport) : transport_(std::move(transport)) {}

    Task<Result<InboundReply>> send(ProviderRequest request) override {
        co_return co_await transport_(std::move(request.http));
    }

    Task<void> read(const ProviderRequest&, Reading) override { co_return; }

private:
    Transport transport_;
};

} // namespace

std::shared_ptr<Exchange> straight_exchange(Transport transport) {
    return std::make_shared<StraightExchange>(std::move(transport));
}

} // namespace hs::providers
