/// A named SQL statement. The build makes one constant per "-- name:" block of a .sql file.
#pragma once

namespace hs::pg {

struct Query {
    const char* name; // shows up in logs and metrics, and names the prepared statement
    const char* sql;
};

} // namespace hs::pg
