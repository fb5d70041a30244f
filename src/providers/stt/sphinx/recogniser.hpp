/// Dictation and key-phrase spotting of one stretch of speech at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "providers/stt/sphinx/features.hpp"
#include "providers/stt/sphinx/keyphrases.hpp"
#include "providers/stt/sphinx/language_model.hpp"
#include "providers/stt/sphinx/pronunciation.hpp"

struct cmd_ln_s;
struct ps_decoder_s;
struct ngram_model_s;

namespace hs::providers::sphinx {

struct HeardWord {
    std::string text;
    int start_ms = 0;
    int end_ms = 0;
    double confidence = 0;
};

class Recogniser {
public:
    /// `folder` holds en-us/ (acoustic model), en-us.lm.bin and cmudict-en-us.dict. `extra`:
    /// further options of the library, name and value in turn. Throws std::runtime_error.
    Recogniser(const std::string& folder, const std::vector<std::string>& extra);
    ~Recogniser();
    Recogniser(const Recogniser&) = delete;
    Recogniser& operator=(const Recogniser&) = delete;

    struct Vocabulary {
        std::vector<std::string> phrases;    // what people are likely to say
        std::vector<std::string> fragments;  // what may occur within it; known words only
        std::vector<std::string> keyphrases; // to look for, whatever dictation makes of them
    };

    void set_vocabulary(const Vocabulary& vocabulary);

    /// Starts a track; `speech` is a sample of it.
    void start_track(std::span<const std::int16_t> speech) { features_->measure(speech); }

    struct Heard {
        std::vector<HeardWord> words;
        std::vector<HeardWord> spotted; // text is the phrase as given, confidence unused
    };

    /// `progress` is called about once a second of audio.
    [[nodiscard]] Heard recognise(std::span<const std::int16_t> samples,
                                  const std::function<void()>& progress);

private:
    [[nodiscard]] std::optional<std::string> phones_of(const std::string& word) const;
    [[nodiscard]] std::vector<std::string> known_words(const std::string& phrase);
    [[nodiscard]] std::vector<Sentence> known_fragments(const std::vector<std::string>& fragments);
    void mix_language_model(const Vocabulary& vocabulary);
    void list_keyphrases(const std::vector<std::string>& keyphrases);
    void search(const char* name, const Frames& cepstra, const std::function<void()>& progress);
    [[nodiscard]] std::vector<HeardWord> words() const;
    [[nodiscard]] std::vector<HeardWord> spotted() const;

    cmd_ln_s* config_ = nullptr;
    ps_decoder_s* decoder_ = nullptr;
    ngram_model_s* general_ = nullptr;
    std::unique_ptr<FeatureExtractor> features_;
    std::vector<Keyphrase> keyphrases_;
};

} // namespace hs::providers::sphinx
