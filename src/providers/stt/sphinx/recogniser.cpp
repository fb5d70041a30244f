#include "providers/stt/sphinx/recogniser.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <pocketsphinx.h>
#include <sphinxbase/err.h>
#include <sphinxbase/ngram_model.h>
#include <sys/mman.h>
#include <unistd.h>

namespace hs::providers::sphinx {
namespace {

constexpr int frame_ms = 10;
constexpr std::size_t frames_per_second = 100;
/// Share of the phrases in the mixed language model.
constexpr double phrase_share = 0.3;

/// Text handed to the library as a file, which is the only form it reads; lives in memory only.
class MemoryFile {
public:
    explicit MemoryFile(const std::string& text, const char* name)
        : fd_(memfd_create(name, MFD_CLOEXEC)) {
        std::size_t at = 0;
        while (fd_ >= 0 && at < text.size()) {
            const ssize_t written = write(fd_, text.data() + at, text.size() - at);
            if (written <= 0) throw std::runtime_error("no memory for a language model");
            at += std::size_t(written);
        }
    }

    ~MemoryFile() { close(fd_); }

    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
    int fd_;
};

cmd_ln_t* configuration(const std::string& folder, const std::vector<std::string>& extra) {
    std::vector<std::string> words{"sphinx",
                                   "-hmm",
                                   folder + "/en-us",
                                   "-dict",
                                   folder + "/cmudict-en-us.dict",
                                   "-remove_silence",
                                   "no"};
    words.insert(words.end(), extra.begin(), extra.end());
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    return cmd_ln_parse_r(nullptr, ps_args(), int(arguments.size()), arguments.data(), 1);
}

bool is_filler(const std::string& word) {
    return word.empty() || word[0] == '<' || word[0] == '[' || word.starts_with("++");
}

/// "read(2)" is the second pronunciation of "read".
std::string without_variant(std::string word) {
    if (const auto at = word.find('('); at != std::string::npos && at > 0) word.resize(at);
    return word;
}

} // namespace

Recogniser::Recogniser(const std::string& folder, const std::vector<std::string>& extra) {
    err_set_logfp(nullptr);
    config_ = configuration(folder, extra);
    if (config_ == nullptr) throw std::runtime_error("bad recogniser options");
    decoder_ = ps_init(config_);
    if (decoder_ == nullptr) throw std::runtime_error("speech model missing in " + folder);
    ps_get_feat(decoder_)->cmn = CMN_NONE; // features_ does it
    general_ = ngram_model_read(
        config_, (folder + "/en-us.lm.bin").c_str(), NGRAM_AUTO, ps_get_logmath(decoder_));
    if (general_ == nullptr) throw std::runtime_error("language model missing in " + folder);
    features_ = std::make_unique<FeatureExtractor>(config_, folder + "/en-us");
}

Recogniser::~Recogniser() {
    features_.reset();
    ngram_model_free(general_);
    ps_free(decoder_);
    cmd_ln_free_r(config_);
}

std::optional<std::string> Recogniser::phones_of(const std::string& word) const {
    char* phones = ps_lookup_word(decoder_, word.c_str());
    if (phones == nullptr) return std::nullopt;
    std::string out(phones);
    free(phones);
    return out;
}

std::vector<std::string> Recogniser::known_words(const std::string& phrase) {
    const Lookup lookup = [this](const std::string& word) { return phones_of(word); };
    std::vector<std::string> words;
    for (const Token& token : spoken_tokens(phrase)) {
        if (!lookup(token.word)) {
            const std::string phones = guess_phones(token, lookup);
            if (phones.empty() || ps_add_word(decoder_, token.word.c_str(), phones.c_str(), 0) < 0)
                return {};
        }
        words.push_back(token.word);
    }
    return words;
}

void Recogniser::set_vocabulary(const Vocabulary& vocabulary) {
    ps_unset_search(decoder_, "dictation");
    ps_unset_search(decoder_, "spotting");
    mix_language_model(vocabulary);
    list_keyphrases(vocabulary.keyphrases);
}

/// Patterns of rules come in any language and spelling; only English words are worth a place.
std::vector<Sentence> Recogniser::known_fragments(const std::vector<std::string>& fragments) {
    std::vector<Sentence> out;
    for (const std::string& fragment : fragments) {
        Sentence words;
        bool known = true;
        for (const Token& token : spoken_tokens(fragment)) {
            known = known && phones_of(token.word).has_value();
            words.push_back(token.word);
        }
        if (known && words.size() > 1) out.push_back(std::move(words));
    }
    return out;
}

void Recogniser::mix_language_model(const Vocabulary& vocabulary) {
    std::vector<Sentence> sentences;
    for (const std::string& phrase : vocabulary.phrases)
        if (auto words = known_words(phrase); !words.empty()) sentences.push_back(words);
    const std::string arpa = estimate_arpa(sentences, known_fragments(vocabulary.fragments));
    ngram_model_t* model = general_;
    if (!arpa.empty()) {
        const MemoryFile file(arpa, "phrases");
        ngram_model_t* own =
            ngram_model_read(config_, file.path().c_str(), NGRAM_ARPA, ps_get_logmath(decoder_));
        if (own == nullptr) throw std::runtime_error("phrase model unusable");
        // The library mixes scores that already carry the language weight as an exponent, so the
        // shares have to carry it too.
        const double weight = cmd_ln_float_r(config_, "-lw");
        const float shares[2] = {float(std::pow(1 - phrase_share, weight)),
                                 float(std::pow(phrase_share, weight))};
        ngram_model_t* parts[2] = {general_, own};
        std::string names[2] = {"general", "phrases"};
        char* name_list[2] = {names[0].data(), names[1].data()};
        model = ngram_model_set_init(config_, parts, name_list, shares, 2);
        ngram_model_free(own);
    }
    const int set = ps_set_lm(decoder_, "dictation", model);
    if (model != general_) ngram_model_free(model);
    if (set < 0) throw std::runtime_error("mixed language model unusable");
}

void Recogniser::list_keyphrases(const std::vector<std::string>& keyphrases) {
    keyphrases_.clear();
    std::string list;
    for (const std::string& given : keyphrases) {
        Keyphrase phrase{given, known_words(given), 0};
        for (const std::string& word : phrase.words)
            phrase.phones += 1 + int(std::ranges::count(*phones_of(word), ' '));
        if (phrase.phones == 0) continue;
        char threshold[32];
        std::snprintf(threshold, sizeof threshold, " /1e%.0f/\n", phrase.threshold_exponent());
        list += phrase.spelt() + threshold;
        keyphrases_.push_back(std::move(phrase));
    }
    if (keyphrases_.empty()) return;
    const MemoryFile file(list, "keyphrases");
    if (ps_set_kws(decoder_, "spotting", file.path().c_str()) < 0)
        throw std::runtime_error("key phrases unusable");
}

Recogniser::Heard Recogniser::recognise(std::span<const std::int16_t> samples,
                                        const std::function<void()>& progress) {
    const Frames cepstra = features_->cepstra(samples);
    Heard heard;
    if (cepstra.size() < 10) return heard;
    search("dictation", cepstra, progress);
    heard.words = words();
    if (!keyphrases_.empty()) {
        search("spotting", cepstra, progress);
        heard.spotted = spotted();
    }
    return heard;
}

void Recogniser::search(const char* name,
                        const Frames& cepstra,
                        const std::function<void()>& progress) {
    std::vector<mfcc_t*> rows;
    for (const auto& frame : cepstra)
        rows.push_back(const_cast<mfcc_t*>(frame.data()));
    if (ps_set_search(decoder_, name) < 0 || ps_start_utt(decoder_) < 0)
        throw std::runtime_error("the recogniser would not start");
    for (std::size_t at = 0; at < rows.size(); at += frames_per_second) {
        const std::size_t count = std::min(frames_per_second, rows.size() - at);
        ps_process_cep(decoder_, rows.data() + at, int(count), 0, 0);
        progress();
    }
    ps_end_utt(decoder_);
}

std::vector<HeardWord> Recogniser::words() const {
    std::vector<HeardWord> out;
    ps_get_hyp(decoder_, nullptr); // runs the last pass, which also computes posteriors
    for (ps_seg_t* segment = ps_seg_iter(decoder_); segment != nullptr;
         segment = ps_seg_next(segment)) {
        const std::string word = ps_seg_word(segment);
        if (is_filler(word)) continue;
        int first = 0;
        int last = 0;
        ps_seg_frames(segment, &first, &last);
        int acoustic = 0;
        int language = 0;
        int backoff = 0;
        const int posterior = ps_seg_prob(segment, &acoustic, &language, &backoff);
        const double probability = std::min(1.0, logmath_exp(ps_get_logmath(decoder_), posterior));
        out.push_back(
            {without_variant(word), first * frame_ms, (last + 1) * frame_ms, probability});
    }
    return out;
}

std::vector<HeardWord> Recogniser::spotted() const {
    std::vector<Spotted> found;
    for (ps_seg_t* segment = ps_seg_iter(decoder_); segment != nullptr;
         segment = ps_seg_next(segment)) {
        std::string spelt = ps_seg_word(segment);
        spelt.erase(spelt.find_last_not_of(' ') + 1);
        const auto phrase = std::ranges::find(keyphrases_, spelt, &Keyphrase::spelt);
        if (phrase == keyphrases_.end()) continue;
        Spotted hit{&*phrase};
        ps_seg_frames(segment, &hit.first_frame, &hit.last_frame);
        hit.ratio = ps_seg_prob(segment, nullptr, nullptr, nullptr);
        found.push_back(hit);
    }
    std::vector<HeardWord> out;
    for (const Spotted& hit : without_mistakes(found))
        out.push_back(
            {hit.phrase->given, hit.first_frame * frame_ms, (hit.last_frame + 1) * frame_ms, 0});
    return out;
}

} // namespace hs::providers::sphinx
