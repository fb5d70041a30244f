#include "domain/audio_facts_json.hpp"

#include <array>

namespace hs {

namespace {

constexpr std::array all_layouts = {
    Layout::mono, Layout::true_stereo, Layout::dual_mono, Layout::cross_talk};

json::array spans_json(const std::vector<Span>& spans) {
    json::array out;
    for (const auto& span : spans)
        out.push_back(json::array{span.start_ms, span.end_ms});
    return out;
}

std::vector<Span> spans_of(const json::value& value) {
    std::vector<Span> spans;
    for (const auto& item : value.as_array()) {
        const auto& pair = item.as_array();
        spans.push_back({pair.at(0).to_number<int>(), pair.at(1).to_number<int>()});
    }
    return spans;
}

Layout layout_of(std::string_view name) {
    for (const auto layout : all_layouts) {
        if (name == to_string(layout)) return layout;
    }
    return Layout::mono;
}

ChannelFacts channel_of(const json::object& object) {
    ChannelFacts channel;
    channel.rms_dbfs = object.at("rms_dbfs").to_number<double>();
    channel.noise_floor_dbfs = object.at("noise_floor_dbfs").to_number<double>();
    channel.snr_db = object.at("snr_db").to_number<double>();
    channel.clipped_ratio = object.at("clipped_ratio").to_number<double>();
    channel.speech_ms = object.at("speech_ms").to_number<int>();
    channel.silent = channel.speech_ms == 0;
    channel.speech = spans_of(object.at("speech"));
    return channel;
}

} // namespace

json::object audio_facts_json(const AudioFacts& facts) {
    json::array channels;
    for (const auto& channel : facts.channel_facts) {
        channels.push_back(json::object{{"rms_dbfs", channel.rms_dbfs},
                                        {"noise_floor_dbfs", channel.noise_floor_dbfs},
                                        {"snr_db", channel.snr_db},
                                        {"clipped_ratio", channel.clipped_ratio},
                                        {"speech_ms", channel.speech_ms},
                                        {"speech", spans_json(channel.speech)}});
    }
    return {{"duration_ms", facts.duration_ms},
            {"layout", to_string(facts.layout)},
            {"layout_confidence", facts.layout_confidence},
            {"telephone_band", facts.telephone_band},
            {"loudness_lufs", facts.loudness_lufs},
            {"speech_ms", facts.speech_ms},
            {"hold_audio", spans_json(facts.hold_audio)},
            {"channels", std::move(channels)}};
}

std::optional<AudioFacts> read_audio_facts(const json::value& document) {
    try {
        const auto& object = document.as_object();
        AudioFacts facts;
        facts.duration_ms = object.at("duration_ms").to_number<int>();
        facts.layout = layout_of(object.at("layout").as_string());
        facts.layout_confidence = object.at("layout_confidence").to_number<double>();
        facts.telephone_band = object.at("telephone_band").as_bool();
        facts.loudness_lufs = object.at("loudness_lufs").to_number<double>();
        facts.speech_ms = object.at("speech_ms").to_number<int>();
        facts.hold_audio = spans_of(object.at("hold_audio"));
        for (const auto& channel : object.at("channels").as_array())
            facts.channel_facts.push_back(channel_of(channel.as_object()));
        facts.channels = static_cast<int>(facts.channel_facts.size());
        return facts;
    } catch (const std::exception&) { // Boost.JSON reports wrong types by exception
        return std::nullopt;
    }
}

} // namespace hs
