#include "base/secret.hpp"

#include <openssl/crypto.h>

namespace hs {

Secret::~Secret() {
    // The whole buffer, not only the text: a moved-from small string keeps its old bytes.
    text_.resize(text_.capacity());
    OPENSSL_cleanse(text_.data(), text_.size());
}

} // namespace hs
