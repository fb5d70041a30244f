/// The one concurrency model of the program: coroutines on Boost.Asio.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace hs {

/// A coroutine that may wait. Runs on the io_context it was spawned on.
template <typename T = void>
using Task = boost::asio::awaitable<T>;

} // namespace hs
