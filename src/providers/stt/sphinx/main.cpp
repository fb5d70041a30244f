/// hacksmart-sphinx: speech to text for one parent over two pipes; see protocol.hpp.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "providers/stt/sphinx/lockdown.hpp"
#include "providers/stt/sphinx/protocol.hpp"
#include "providers/stt/sphinx/recogniser.hpp"

namespace {

using namespace hs::providers::sphinx;

constexpr int idle_limit_ms = 120'000;

bool read_all(void* out, std::size_t size) {
    auto* at = static_cast<char*>(out);
    while (size > 0) {
        const ssize_t got = read(STDIN_FILENO, at, size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        size -= std::size_t(got);
    }
    return true;
}

void send(Message kind, std::string_view body = {}) {
    const Header header{kind, std::uint32_t(body.size())};
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    bytes += body;
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t written = write(STDOUT_FILENO, bytes.data() + at, bytes.size() - at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) _exit(0); // the parent has gone
        at += std::size_t(written);
    }
}

void send_word(Message kind, const HeardWord& word) {
    const WordHeader header{word.start_ms, word.end_ms, float(word.confidence)};
    send(kind, std::string(reinterpret_cast<const char*>(&header), sizeof header) + word.text);
}

void set_vocabulary(Recogniser& recogniser, std::string_view lines) {
    Recogniser::Vocabulary vocabulary;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        const std::string_view line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        if (line.size() < 2) continue;
        auto& list = line[0] == 'k'   ? vocabulary.keyphrases
                     : line[0] == 'f' ? vocabulary.fragments
                                      : vocabulary.phrases;
        list.emplace_back(line.substr(1));
    }
    recogniser.set_vocabulary(vocabulary);
}

std::vector<std::int16_t> samples_of(const std::string& body) {
    std::vector<std::int16_t> samples(body.size() / sizeof(std::int16_t));
    std::memcpy(samples.data(), body.data(), samples.size() * sizeof(std::int16_t));
    return samples;
}

void answer(Recogniser& recogniser, Message kind, const std::string& body) {
    switch (kind) {
    case Message::vocabulary: set_vocabulary(recogniser, body); break;
    case Message::track: recogniser.start_track(samples_of(body)); break;
    case Message::segment: {
        const auto heard = recogniser.recognise(samples_of(body), [] { send(Message::progress); });
        for (const HeardWord& word : heard.words)
            send_word(Message::word, word);
        for (const HeardWord& phrase : heard.spotted)
            send_word(Message::spotted, phrase);
        break;
    }
    default: throw std::runtime_error("unknown request");
    }
    send(Message::done);
}

/// False when nothing was asked for a while: models in memory are not for free.
bool asked() {
    pollfd line{STDIN_FILENO, POLLIN, 0};
    int ready = 0;
    while ((ready = poll(&line, 1, idle_limit_ms)) < 0 && errno == EINTR) {
    }
    return ready > 0;
}

void serve(Recogniser& recogniser) {
    Header header{};
    while (asked() && read_all(&header, sizeof header)) {
        if (header.size > max_body_bytes) throw std::runtime_error("request too long");
        std::string body(header.size, '\0');
        if (!read_all(body.data(), body.size())) return;
        answer(recogniser, header.kind, body);
    }
}

} // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        std::fputs("usage: hacksmart-sphinx MODEL_FOLDER [-option value]...\n", stderr);
        return 2;
    }
    try {
        hs::providers::sphinx::restrict_self();
        Recogniser recogniser(arguments[1], {arguments + 2, arguments + count});
        send(Message::done, "5prealpha");
        serve(recogniser);
    } catch (const std::exception& trouble) {
        send(Message::failed, trouble.what());
        return 1;
    }
    return 0;
}
