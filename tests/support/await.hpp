/// Runs one coroutine to its end from a test that is none.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.hpp"

namespace hs::test {

/// Blocks until `task` is done and gives its result; what it throws comes out here.
template <typename T>
T await_here(Task<T> task) {
    boost::asio::io_context context;
    std::optional<T> result;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, T value) {
        thrown = error;
        result.emplace(std::move(value));
    });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

} // namespace hs::test
