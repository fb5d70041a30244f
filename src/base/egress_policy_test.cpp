#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/egress_policy.hpp"

using namespace hs;

namespace {

Reach reach(const std::string& text) {
    sockaddr_storage storage{};
    if (text.find(':') == std::string::npos) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
        v4.sin_family = AF_INET;
        EXPECT_EQ(::inet_pton(AF_INET, text.c_str(), &v4.sin_addr), 1) << text;
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
        v6.sin6_family = AF_INET6;
        EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
    }
    return reach_of(reinterpret_cast<const sockaddr&>(storage));
}

} // namespace

TEST(EgressPolicy, PublicAddressesAreReachable) {
    for (const auto* text : {"1.1.1.1",
                             "9.255.255.255",
                             "11.0.0.0",
                             "100.63.255.255",
                             "100.128.0.0",
                             "172.15.255.255",
                             "172.32.0.0",
                             "192.167.255.255",
                             "192.169.0.0",
                             "223.255.255.255",
                             "2606:4700::1111",
                             "2001:4860:4860::8888",
                             "2a00:1450::1"})
        EXPECT_EQ(reach(text), Reach::anywhere) << text;
}

TEST(EgressPolicy, SpecialAddressesStayInside) {
    for (const auto* text : {"10.0.0.1",
                             "127.0.0.1",
                             "127.255.255.254",
                             "100.64.0.1",
                             "100.127.255.255",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "192.0.0.8",
                             "192.0.2.1",
                             "192.88.99.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.7",
                             "::1",
                             "::ffff:8.8.8.8",
                             "::ffff:127.0.0.1",
                             "::8.8.8.8",
                             "64:ff9b::8.8.8.8",
                             "64:ff9b:1::1",
                             "2002:7f00:1::",
                             "2001::1",
                             "2001:db8::1",
                             "3fff::1",
                             "fc00::1",
                             "fdff::1",
                             "fe80::1",
                             "fec0::1",
                             "4000::1"})
        EXPECT_EQ(reach(text), Reach::here) << text;
}

TEST(EgressPolicy, SomeAddressesNobodyMayReach) {
    for (const auto* text :
         {"0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "ff02::1"})
        EXPECT_EQ(reach(text), Reach::nowhere) << text;
    sockaddr unknown{};
    unknown.sa_family = AF_UNIX;
    EXPECT_EQ(reach_of(unknown), Reach::nowhere);
}
