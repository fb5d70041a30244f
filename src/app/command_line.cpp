#include "app/command_line.hpp"

#include <algorithm>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

namespace hs::app {

CommandLine split_arguments(std::span<const std::string> args,
                            const std::vector<std::string>& switches) {
    CommandLine line;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const auto& arg = args[i];
        if (std::ranges::find(switches, arg) != switches.end()) {
            line.switches.push_back(arg);
        } else if (arg.starts_with("--")) {
            line.settings.push_back(arg);
            const bool has_value = arg.find('=') != std::string::npos;
            if (!has_value && i + 1 < args.size()) line.settings.push_back(args[++i]);
        } else {
            line.words.push_back(arg);
        }
    }
    return line;
}

std::optional<LoadedConfig> settings_or_complain(const CommandLine& line) {
    ConfigSources sources;
    sources.environment = process_environment();
    sources.flags = line.settings;
    if (std::filesystem::exists(".env")) sources.file = ".env";
    auto loaded = load_config(sources);
    if (!loaded) {
        fmt::print(stderr, "The settings are not valid:\n{}\n", loaded.error().message);
        return std::nullopt;
    }
    return *std::move(loaded);
}

std::unique_ptr<Engine> engine_or_complain(const CommandLine& line,
                                           Engine::PrivateDatabase database) {
    auto loaded = settings_or_complain(line);
    if (!loaded) return nullptr;
    auto engine = Engine::build(std::move(loaded->config), database);
    if (!engine) {
        fmt::print(stderr, "hacksmart cannot start: {}\n", engine.error().message);
        return nullptr;
    }
    return *std::move(engine);
}

void run_to_end(Engine& engine, std::function<Task<void>()> work) {
    std::promise<void> ended;
    auto waiting = ended.get_future();
    boost::asio::co_spawn(
        engine.main_context(), std::move(work), [&ended](std::exception_ptr error) {
            if (error) {
                ended.set_exception(error);
            } else {
                ended.set_value();
            }
        });
    engine.run_threads();
    waiting.wait();
    engine.stop_threads();
    waiting.get();
}

} // namespace hs::app
