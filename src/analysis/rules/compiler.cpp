#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "analysis/rules/metric_values.hpp"
#include "analysis/rules/rulebook_state.hpp"

namespace hs::analysis {

namespace {

std::optional<RuleOutcome> outcome_of(std::string_view text) {
    if (text == "pass") return RuleOutcome::pass;
    if (text == "fail") return RuleOutcome::fail;
    if (text == "na") return RuleOutcome::na;
    if (text == "uncertain") return RuleOutcome::uncertain;
    return std::nullopt;
}

bool known_anchor(std::string_view anchor) {
    static constexpr std::array<std::string_view, 5> names = {
        "", "first_agent_turn", "last_agent_turn", "longest_agent_turn", "trigger"};
    return std::ranges::find(names, anchor) != names.end();
}

std::size_t index(int i) {
    return static_cast<std::size_t>(i);
}

} // namespace

const PatternIndex& Rulebook::State::index() const {
    const std::scoped_lock lock(mutex_);
    if (!built_) index_.build(vocabulary, patterns, classes);
    built_ = true;
    return index_;
}

void Rulebook::State::patterns_changed() {
    const std::scoped_lock lock(mutex_);
    built_ = false;
}

std::vector<int> subtree(const Syntax& syntax, int root) {
    std::vector<int> nodes;
    if (root >= 0) nodes.push_back(root);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& node = syntax.nodes[static_cast<std::size_t>(nodes[i])];
        if (node.left >= 0) nodes.push_back(node.left);
        if (node.right >= 0) nodes.push_back(node.right);
    }
    return nodes;
}

void Compiler::error(const char* code, SourcePosition at, std::string message, std::string hint) {
    state_.lints.push_back(
        {LintSeverity::error, code, std::move(at), std::move(message), std::move(hint)});
}

// --- lists and strings ---------------------------------------------------------------------------

void Compiler::compile_lists() {
    for (int i = 0; i < static_cast<int>(state_.lists.size()); ++i) {
        const auto& list = state_.lists[index(i)];
        if (!state_.list_ids.emplace(list.name, i).second)
            error("E02", list.at, fmt::format("there are two lists called @{}", list.name));
    }
    for (int i = 0; i < static_cast<int>(state_.lists.size()); ++i)
        list_class(i, {});
}

int Compiler::list_class(int list, PatternOptions options) {
    options.fuzzy = state_.lists[index(list)].fuzzy;
    const std::pair key(list, options);
    if (const auto known = state_.list_classes.find(key); known != state_.list_classes.end())
        return known->second;
    const auto source = state_.lists[index(list)];
    if (!open_lists_.insert(key).second) {
        error("E03", source.at, fmt::format("the list @{} contains itself", source.name));
        return -1;
    }
    SlotClass compiled;
    compiled.name = "@" + source.name;
    compiled.list = list;
    for (const auto& entry : source.entries) {
        auto [text, gap] = split_gap(entry.pattern.text);
        Pattern pattern;
        options_ = options;
        PatternReader reader(state_.vocabulary, state_.classes, state_.lints, this, class_by_name);
        if (!reader.read({text, entry.pattern.at}, gap, options, pattern)) continue;
        pattern.not_before = reader.words(entry.not_before);
        pattern.not_after = reader.words(entry.not_after);
        compiled.stage = std::max(compiled.stage, pattern.stage);
        compiled.patterns.push_back(static_cast<int>(state_.patterns.size()));
        state_.patterns.push_back(std::move(pattern));
    }
    ++compiled.stage; // its own patterns are matched before
    open_lists_.erase(key);
    const auto id = static_cast<int>(state_.classes.size());
    state_.classes.push_back(std::move(compiled));
    state_.list_classes.emplace(key, id);
    return id;
}

int Compiler::class_by_name(void* context, const std::string& name) {
    auto& self = *static_cast<Compiler*>(context);
    const auto found = self.state_.list_ids.find(name);
    if (found == self.state_.list_ids.end()) return -1;
    const auto options = self.options_; // compiling a list sets them for its own patterns
    const int id = self.list_class(found->second, options);
    self.options_ = options;
    return id;
}

int Compiler::compile_pattern(const SourceText& source, int gap, PatternOptions options) {
    const std::tuple key(source.text, gap, options);
    if (const auto known = state_.strings.find(key); known != state_.strings.end())
        return known->second;
    Pattern pattern;
    options_ = options;
    PatternReader reader(state_.vocabulary, state_.classes, state_.lints, this, class_by_name);
    if (!reader.read(source, gap, options, pattern)) return -1;
    const auto id = static_cast<int>(state_.patterns.size());
    state_.patterns.push_back(std::move(pattern));
    state_.strings.emplace(key, id);
    if (id == most_patterns) error("E05", source.at, "more than 4,000 patterns");
    return id;
}

bool Compiler::string_pattern(Node& node) {
    auto [text, gap] = split_gap(node.text);
    SourceText source{text, node.at};
    ++source.at.column; // past the quote
    const PatternOptions options{.exact = node.mode.exact, .phonetic = node.mode.phonetic};
    node.target = compile_pattern(source, std::max(gap, node.distance), options);
    return node.target >= 0;
}

// --- trees ---------------------------------------------------------------------------------------

int Compiler::compile_text(const SourceText& text) {
    if (text.text.empty()) return -1;
    const int root = parse_expression(text, state_.syntax, state_.lints);
    return resolve(root);
}

int Compiler::resolve(int root) {
    bool good = root >= 0;
    for (const int id : subtree(state_.syntax, root))
        good = resolve_node(id) && good;
    return good ? root : -1;
}

bool Compiler::resolve_node(int id) {
    auto& node = state_.syntax.nodes[index(id)];
    if (!resolve_scopes(node.scope, node.at)) return false;
    switch (node.kind) {
    case NodeKind::string: return string_pattern(node);
    case NodeKind::list: {
        const auto found = state_.list_ids.find(node.text);
        if (found == state_.list_ids.end()) {
            error("E02", node.at, fmt::format("no list is called @{}", node.text));
            return false;
        }
        const PatternOptions options{.exact = node.mode.exact, .phonetic = node.mode.phonetic};
        node.target = list_class(found->second, options);
        return node.target >= 0;
    }
    case NodeKind::rule: {
        const auto found = state_.rule_ids.find(node.text);
        if (found == state_.rule_ids.end()) {
            error("E02",
                  node.at,
                  fmt::format("no rule is called {}", node.text),
                  "a list is written @" + node.text + ", words in quotes");
            return false;
        }
        node.target = found->second;
        return true;
    }
    case NodeKind::value: {
        if (node.value != ValueKind::metric) return true;
        const auto unit = metric_unit(node.text);
        if (!unit) {
            error("E02",
                  node.at,
                  fmt::format("no metric is called {}", node.text),
                  "metric.agent.wpm, metric.silence_ratio, metric.customer.talk_ms");
            return false;
        }
        const bool time = node.unit == "s" || node.unit == "ms";
        if ((time && *unit != MetricUnit::ms) || (node.unit == "%" && *unit != MetricUnit::ratio)) {
            error("E06",
                  node.at,
                  fmt::format("metric.{} is not measured in {}", node.text, node.unit));
            return false;
        }
        const double factor = node.unit == "s" ? 1000 : node.unit == "%" ? 0.01 : 1;
        node.low *= factor;
        node.high *= factor;
        node.unit.clear();
        return true;
    }
    default: return true;
    }
}

bool Compiler::resolve_scopes(int scope, const SourcePosition& at) {
    bool good = true;
    for (; scope > 0; scope = state_.syntax.scopes[index(scope)].parent)
        for (auto& item : state_.syntax.scopes[index(scope)].items) {
            const bool names_rule = item.kind == ItemKind::before_rule ||
                                    item.kind == ItemKind::after_rule ||
                                    item.kind == ItemKind::next_turns;
            if (!names_rule) continue;
            const auto found = state_.rule_ids.find(item.name);
            if (found == state_.rule_ids.end()) {
                error("E02", at, fmt::format("no rule is called {}", item.name));
                good = false;
            } else {
                item.rule = found->second;
            }
        }
    return good;
}

// --- rules ---------------------------------------------------------------------------------------

void Compiler::compile_rules() {
    for (int i = 0; i < static_cast<int>(state_.rules.size()); ++i) {
        const auto& source = state_.rules[index(i)].source;
        if (!state_.rule_ids.emplace(source.id, i).second)
            error("E02", source.at, fmt::format("there are two rules called {}", source.id));
        if (i == most_rules) error("E05", source.at, "more than 500 rules");
    }
    for (auto& rule : state_.rules)
        compile_rule(rule);
    refuse_cycles();
    mark_shifting();
}

void Compiler::compile_rule(CompiledRule& rule) {
    const auto& source = rule.source;
    const auto part = [&](const SourceText& text, int& root) {
        if (text.text.empty()) return;
        root = compile_text(text);
        rule.broken |= root < 0;
    };
    part(source.applies, rule.applies);
    part(source.fail, rule.fail);
    part(source.pass, rule.pass);
    if (const auto outcome = outcome_of(source.otherwise)) {
        rule.otherwise = *outcome;
    } else {
        error("E01",
              source.at,
              fmt::format("else: {} is no result", source.otherwise),
              "pass, fail, na or uncertain");
        rule.broken = true;
    }
    if (!known_anchor(source.anchor)) {
        error("E02",
              source.at,
              fmt::format("no anchor is called {}", source.anchor),
              "first_agent_turn, last_agent_turn, longest_agent_turn, trigger");
        rule.broken = true;
    }
}

std::vector<int> Compiler::references(int root) const {
    std::vector<int> rules;
    for (const int id : subtree(state_.syntax, root)) {
        const auto& node = state_.syntax.nodes[index(id)];
        if (node.kind == NodeKind::rule && node.target >= 0) rules.push_back(node.target);
        for (int scope = node.scope; scope > 0; scope = state_.syntax.scopes[index(scope)].parent)
            for (const auto& item : state_.syntax.scopes[index(scope)].items)
                if (item.rule >= 0) rules.push_back(item.rule);
    }
    return rules;
}

void Compiler::refuse_cycles() {
    std::vector<int> state(state_.rules.size(), 0); // 0 new, 1 being followed, 2 done
    for (int i = 0; i < static_cast<int>(state_.rules.size()); ++i)
        reaches_itself(i, state);
}

/// What a call's words decide is decided once; only these rules may change while it is judged.
void Compiler::mark_shifting() {
    for (bool more = true; more;) {
        more = false;
        for (auto& rule : state_.rules) {
            if (rule.shifts || !shifts(rule)) continue;
            rule.shifts = more = true;
        }
    }
}

bool Compiler::shifts(const CompiledRule& rule) const {
    for (const int root : {rule.applies, rule.fail, rule.pass}) {
        for (const int id : subtree(state_.syntax, root)) {
            const auto& node = state_.syntax.nodes[index(id)];
            const bool mood = node.kind == NodeKind::value && node.value != ValueKind::metric;
            if (mood || node.kind == NodeKind::answer) return true;
        }
        for (const int named : references(root))
            if (state_.rules[index(named)].shifts) return true;
    }
    return false;
}

bool Compiler::reaches_itself(int id, std::vector<int>& state) {
    if (state[index(id)] != 0) return state[index(id)] == 1;
    state[index(id)] = 1;
    auto& rule = state_.rules[index(id)];
    for (const int root : {rule.applies, rule.fail, rule.pass})
        for (const int next : references(root)) {
            if (!reaches_itself(next, state)) continue;
            error("E03",
                  rule.source.at,
                  fmt::format("the rule {} depends on itself", rule.source.id));
            rule.broken = true;
            rule.applies = rule.fail = rule.pass = -1; // the circle is open from here on
            state[index(id)] = 2;
            return false;
        }
    state[index(id)] = 2;
    return false;
}

} // namespace hs::analysis
