#include <charconv>

#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/object_store.hpp"
#include "providers/blob/s3_lifecycle.hpp"

namespace hs::app {

namespace {

constexpr const char* usage =
    "usage: hacksmart s3 lifecycle [--show] [--transition-days N] [--storage-class NAME]\n"
    "                              [--expire-days N]\n"
    "  Writes the rules by which the bucket tidies itself: unfinished uploads, quarantine, "
    "uploads\n"
    "  that were never completed; with N also when recordings move to a cheaper class, or go.\n"
    "  Rules of others stay. --show prints the rules and writes nothing.\n";

struct Wanted {
    providers::S3Lifecycle rules;
    bool show = false;
    bool valid = true;
    std::vector<std::string> settings;
};

bool days(const std::string& text, int& out) {
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), out);
    return trouble == std::errc() && end == text.data() + text.size() && out >= 1 && out <= 36500;
}

Wanted read(std::span<const std::string> args) {
    Wanted wanted;
    bool named = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const bool last = i + 1 == args.size();
        if (args[i] == "lifecycle" && !named) {
            named = true;
        } else if (args[i] == "--show") {
            wanted.show = true;
        } else if (args[i] == "--transition-days") {
            wanted.valid = wanted.valid && !last && days(args[++i], wanted.rules.transition_days);
        } else if (args[i] == "--expire-days") {
            wanted.valid = wanted.valid && !last && days(args[++i], wanted.rules.expiry_days);
        } else if (args[i] == "--storage-class" && !last) {
            wanted.rules.storage_class = args[++i];
        } else {
            wanted.settings.push_back(args[i]);
        }
    }
    wanted.valid = wanted.valid && named;
    return wanted;
}

} // namespace

int s3_command(std::span<const std::string> args) {
    const auto wanted = read(args);
    const auto line = split_arguments(wanted.settings, {});
    if (!wanted.valid || !line.words.empty()) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    const auto loaded = settings_or_complain(line);
    if (!loaded) return 2;
    if (loaded->config.s3_bucket_name.empty()) {
        fmt::print(stderr, "hacksmart s3: S3_BUCKET_NAME names no bucket\n");
        return 2;
    }
    const SystemClock clock;
    const BucketAccess bucket(loaded->config, clock);
    auto& client = *bucket.client();
    const auto present = providers::read_lifecycle(client, clock);
    Result<std::string> document;
    if (present) {
        document = providers::lifecycle_document(wanted.rules, client.config().prefix, *present);
    } else {
        document = std::unexpected(present.error());
    }
    Result<void> done;
    if (!document) {
        done = std::unexpected(document.error());
    } else if (!wanted.show) {
        done = providers::write_lifecycle(client, *document, clock);
    }
    if (!done) {
        fmt::print(stderr, "hacksmart s3: {}\n", done.error().message);
        return 1;
    }
    fmt::print("{}\n", wanted.show ? *document : "The bucket has the rules.");
    return 0;
}

} // namespace hs::app
