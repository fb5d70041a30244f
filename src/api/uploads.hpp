/// Direct uploads: a client sends the recording to the object store itself, then completes it here.
#pragma once

#include "api/context.hpp"
#include "http/router.hpp"

namespace hs::api {

void add_upload_routes(http::Router& router, const Context& context);

} // namespace hs::api
