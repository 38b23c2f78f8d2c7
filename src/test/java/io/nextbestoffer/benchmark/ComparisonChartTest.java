package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ComparisonChartTest {
    private final ComparisonChart chart = new ComparisonChart(List.of("a & b", "other", "limit"));

    @Test
    void drawsBarsInProportion() throws Exception {
        chart.linear("speed", Map.of("whole run",
                List.of(new double[]{30, 20, 10}, new double[]{10}, new double[]{30})));

        double[] widths = widths(svg());
        assertThat(widths).hasSize(3);
        assertThat(widths[0] / widths[2]).isCloseTo(2.0 / 3, within(0.01));
        assertThat(widths[1] / widths[2]).isCloseTo(1.0 / 3, within(0.01));
    }

    @Test
    void drawsDecadesOfTheSameWidth() throws Exception {
        chart.logarithmic("delay", Map.of("at 1/s", List.of(new double[]{10}, new double[]{100}, new double[]{1000})));

        double[] widths = widths(svg());
        assertThat(widths[1] / widths[0]).isCloseTo(2, within(0.02));
        assertThat(widths[2] / widths[0]).isCloseTo(3, within(0.02));
    }

    @Test
    void labelsEverything() throws Exception {
        chart.linear("speed < light", Map.of("whole run", List.of(new double[]{12_345}, new double[0], new double[0])));

        assertThat(texts(svg())).contains("speed < light", "whole run", "a & b", "12,300", "10,000")
                .doesNotContain("other");
    }

    @Test
    void fitsIntoItsFrame() throws Exception {
        var groups = new TreeMap<String, List<double[]>>();
        for (String group : List.of("one", "two", "three")) {
            groups.put(group, List.of(new double[]{1, 5_000}, new double[]{0.2}, new double[]{99_999}));
        }
        chart.linear("speed", groups);
        chart.logarithmic("delay", groups);

        Element svg = svg().getDocumentElement();
        double width = Double.parseDouble(svg.getAttribute("width"));
        double height = Double.parseDouble(svg.getAttribute("height"));
        for (String name : List.of("rect", "text", "line")) {
            NodeList found = svg.getElementsByTagName(name);
            assertThat(found.getLength()).isPositive();
            for (int i = 0; i < found.getLength(); i++) {
                var attributes = found.item(i).getAttributes();
                for (int j = 0; j < attributes.getLength(); j++) {
                    String attribute = attributes.item(j).getNodeName();
                    if (attribute.matches("x[12]?|y[12]?|width|height")) {
                        assertThat(Double.parseDouble(attributes.item(j).getNodeValue()))
                                .isBetween(0.0,
                                        attribute.startsWith("x") || attribute.equals("width") ? width : height);
                    }
                }
            }
        }
    }

    @Test
    void drawsZeros() throws Exception {
        chart.linear("speed", Map.of("whole run", List.of(new double[]{0}, new double[]{0}, new double[]{0})));
        chart.logarithmic("delay", Map.of("at 1/s", List.of(new double[]{0}, new double[]{0}, new double[]{0})));

        assertThat(widths(svg())).containsOnly(1);
    }

    private Document svg() throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new InputSource(new StringReader(chart.toString())));
    }

    private static double[] widths(Document svg) {
        NodeList bars = svg.getElementsByTagName("rect");
        double[] widths = new double[bars.getLength()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Double.parseDouble(((Element) bars.item(i)).getAttribute("width"));
        }
        return widths;
    }

    private static List<String> texts(Document svg) {
        NodeList texts = svg.getElementsByTagName("text");
        return IntStream.range(0, texts.getLength()).mapToObj(i -> texts.item(i).getTextContent())
                .toList();
    }
}
