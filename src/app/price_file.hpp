/// The price table as it lies on the disk.
#pragma once

#include "app/config.hpp"
#include "app/resources.hpp"
#include "pipeline/prices.hpp"

namespace hs::app {

/// PRICES_FILE, or the table that comes with the program. Errors: invalid "prices.invalid" naming
/// the file.
[[nodiscard]] Result<pipeline::Prices> load_prices(const Config& config,
                                                   const Resources& resources);

} // namespace hs::app
