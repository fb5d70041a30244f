/// Moving recordings between two stores while everything goes on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/services.hpp"

namespace hs::pipeline {

struct MoveReport {
    std::size_t moved = 0;
    std::vector<std::string> left; // paths that could not be moved: they do not read as written
};

/// All objects of `from`, each stored and verified in `to` before it goes; then its call's row
/// tells the new place. Can be ended and begun again at any time. Errors: those of the stores, but
/// "storage.corrupt" and "storage.conflict", which leave one object where it is.
/// `progress` is told after every object.
Task<Result<MoveReport>> move_objects(const Services& services,
                                      providers::BlobStore& from,
                                      providers::BlobStore& to,
                                      std::function<void(const MoveReport&)> progress);

} // namespace hs::pipeline
