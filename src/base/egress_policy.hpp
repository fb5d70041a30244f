/// Which network addresses the program may connect to. Looked at when the socket is opened, after
/// name resolution, so that a name which changes its address between check and use gains nothing.
#pragma once

struct sockaddr;

namespace hs {

enum class Reach { anywhere, here, nowhere };

/// anywhere: a public unicast address. here: loopback, private, link-local, carrier-grade and other
/// special-purpose addresses, the mapped and translated forms included. nowhere: multicast,
/// broadcast, unspecified and unknown families, which no operator can allow.
[[nodiscard]] Reach reach_of(const sockaddr& address);

} // namespace hs
